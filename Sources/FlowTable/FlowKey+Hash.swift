public import TCPState
public import Wire

extension FlowKey {
    /// A 64-bit hash, keyed by a secret of the run: strangers choose addresses and ports.
    @inlinable @inline(__always)
    func hash(seed: UInt64) -> UInt64 {
        let ports = UInt64(lowPort) << 16 | UInt64(highPort)
        var h = FlowKey.mix(low.low ^ seed, high.low ^ ports ^ 0xe703_7ed1_a0b4_28db)
        if low.high | high.high != 0 {
            h = FlowKey.mix(h ^ low.high, high.high ^ 0x8ebc_6af0_9c88_c6e3)
        }
        return FlowKey.mix(h ^ (seed >> 32 | seed << 32), 0x1d8e_4e27_c47d_124f)
    }

    /// Both halves of the 128-bit product, folded.
    @inlinable @inline(__always)
    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
