public import TCPState
public import Wire

/// Which of several shards the connections of two ends belong to: the same in every run, on every machine.
///
/// It goes by addresses and ports alone. What VLANs, tunnels and interfaces keep apart is numbered together (see
/// ``Tracker``), so that it has to be together.
public struct FlowSharding: Sendable {
    /// How many shards there are.
    public let count: Int
    private let hash = FlowHash(seed: 0)

    /// Several shards.
    public init(count: Int) { self.count = max(1, count) }

    /// The shard of a segment, from 0: that of all segments between its two ends.
    public func shard(of segment: borrowing Segment) -> Int { shard(of: FlowKey(segment)) }

    /// The shard of the connections on a key.
    public func shard(of key: FlowKey) -> Int {
        SegmentSteering.shardIndex(hash(key), among: count)
    }
}
