public import Wire

/// Keyed 64-bit hashes of a connection's ends, by a secret of the run: strangers choose addresses and ports.
/// Their sum is the same for both directions: it is what the table looks for. Both together stand for the
/// key where a whole key would take too long: no two of a run's ends are alike in all 64 bits.
public struct FlowHash: Sendable {
    @usableFromInline let seed: UInt64

    /// A hash with a given secret.
    @inlinable
    public init(seed: UInt64) { self.seed = seed }

    /// The hash of one end: every bit of it depends on all of the end and on the secret.
    @inlinable @inline(__always)
    public func callAsFunction(_ address: Address, _ port: UInt16) -> UInt64 {
        let hash = FlowHash.mix(address.low ^ seed, UInt64(port) ^ 0xe703_7ed1_a0b4_28db)
        if address.high == 0 { return hash }
        return FlowHash.mix(hash ^ address.high, seed ^ 0x8ebc_6af0_9c88_c6e3)
    }

    /// Both halves of the 128-bit product, folded.
    @inlinable @inline(__always)
    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
