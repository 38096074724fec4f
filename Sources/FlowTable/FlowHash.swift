public import TCPState
public import Wire

/// A 64-bit hash of flow keys, the same for both directions, keyed by a secret of the run: strangers choose
/// addresses and ports.
public struct FlowHash: Sendable {
    @usableFromInline let seed: UInt64

    /// A hash with a given secret.
    @inlinable
    public init(seed: UInt64) { self.seed = seed }

    /// The hash of a key.
    @inlinable
    public func callAsFunction(_ key: FlowKey) -> UInt64 {
        join(end(key.low, key.lowPort), end(key.high, key.highPort))
    }

    /// The hash of the key of a segment, which has not to be made for it.
    @inlinable @inline(__always)
    public func callAsFunction(_ segment: borrowing Segment) -> UInt64 {
        join(
            end(segment.source, segment.sourcePort),
            end(segment.destination, segment.destinationPort))
    }

    /// One end's part: every bit of it depends on all of the end and on the secret.
    @inlinable @inline(__always)
    func end(_ address: Address, _ port: UInt16) -> UInt64 {
        let hash = FlowHash.mix(address.low ^ seed, UInt64(port) ^ 0xe703_7ed1_a0b4_28db)
        if address.high == 0 { return hash }
        return FlowHash.mix(hash ^ address.high, seed ^ 0x8ebc_6af0_9c88_c6e3)
    }

    /// Both ends, in no order.
    @inlinable @inline(__always)
    func join(_ one: UInt64, _ other: UInt64) -> UInt64 {
        FlowHash.mix(one &+ other ^ (seed >> 32 | seed << 32), 0x1d8e_4e27_c47d_124f)
    }

    /// Both halves of the 128-bit product, folded.
    @inlinable @inline(__always)
    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
