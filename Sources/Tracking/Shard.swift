public import Wire

/// One worker's part of the connections, where several walk over the same capture: each sees every
/// frame, so that all follow one clock, and tracks the connections that are its own.
public struct Shard: Sendable {
    /// Which part, from 0.
    public let index: Int
    /// How many parts there are.
    public let count: Int

    /// All of it.
    public static let whole = Shard(index: 0, of: 1)

    /// One of several parts.
    public init(index: Int, of count: Int) {
        precondition(index >= 0 && index < count, "a shard's index lies below their number")
        self.index = index
        self.count = count
    }

    /// Whether a segment's connection is in this part. The hash is the same for both directions, and
    /// another than the table's: or a shard's table would be filled unevenly.
    @inlinable @inline(__always)
    func owns(_ segment: Segment) -> Bool {
        if count == 1 { return true }
        let one = Shard.mix(segment.source, segment.sourcePort)
        let other = Shard.mix(segment.destination, segment.destinationPort)
        let hash = ((one &+ other) &* 0x9e37_79b9_7f4a_7c15) >> 32
        return Int((hash &* UInt64(count)) >> 32) == index
    }

    @inlinable @inline(__always)
    static func mix(_ address: Address, _ port: UInt16) -> UInt64 {
        let word = (address.low ^ address.high &* 0xd6e8_feb8_6659_fd93) &+ UInt64(port) << 40
        return (word ^ word >> 29) &* 0xbf58_476d_1ce4_e5b9
    }
}
