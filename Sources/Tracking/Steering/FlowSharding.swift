public import TCPState
public import Wire

/// Which of several shards the connections of two ends belong to: the same in every run, on every machine.
///
/// It goes by addresses and ports alone. What VLANs, tunnels and interfaces keep apart is numbered together (see
/// ``Tracker``), so that it has to be together.
public struct FlowSharding: Sendable {
    /// How many shards there are.
    public let count: Int
    @usableFromInline let hash = FlowHash(seed: 0)

    /// Several shards.
    public init(count: Int) { self.count = max(1, count) }

    /// The shard of a segment, from 0: that of all segments between its two ends.
    @inlinable @inline(__always)
    public func shard(of segment: borrowing @_addressable Segment) -> Int {
        SegmentSteering.shardIndex(hash(segment).hash, among: count)
    }

    /// The shard of the connections on a key.
    public func shard(of key: FlowKey) -> Int {
        SegmentSteering.shardIndex(hash(key), among: count)
    }
}
