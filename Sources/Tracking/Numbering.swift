/// The numbers that one run over all connections would have given to those of several shards.
///
/// A connection's number is its rank by first frame; a stream's likewise, where a connection that is
/// another's twin (see ``Tracker``) has no stream of its own.
public struct Numbering: Sendable {
    /// How a shard's connections began, in order: the frame's place in the run, from 1, and in the
    /// lowest bit whether the connection began a stream.
    public struct Openings: Sendable {
        @usableFromInline var words: [UInt64] = []

        @usableFromInline
        init() {}

        @inlinable
        mutating func note(frame: UInt64, beginsStream: Bool) {
            words.append(frame << 1 | (beginsStream ? 1 : 0))
        }
    }

    /// The numbers of one shard's connections.
    public struct Part: Sendable {
        fileprivate var serials: [UInt32] = []
        fileprivate var streams: [UInt32] = []

        /// The connection's number in the run, by its number in the shard.
        public func serial(_ local: UInt32) -> UInt32 { serials[Int(local)] }

        /// The stream's number in the run, by its number in the shard.
        public func stream(_ local: UInt32) -> UInt32 { streams[Int(local)] }
    }

    /// By shard.
    public private(set) var parts: [Part]

    /// Merges the shards' openings. O(connections × shards).
    public init(_ shards: [Openings]) {
        parts = Array(repeating: Part(), count: shards.count)
        for shard in shards.indices {
            parts[shard].serials.reserveCapacity(shards[shard].words.count)
        }
        var next = Array(repeating: 0, count: shards.count)
        var stream: UInt32 = 0
        for serial in 0..<shards.reduce(0, { $0 + $1.words.count }) {
            var first = -1
            for shard in shards.indices where next[shard] < shards[shard].words.count {
                if first < 0 || shards[shard].words[next[shard]] < shards[first].words[next[first]]
                {
                    first = shard
                }
            }
            parts[first].serials.append(UInt32(truncatingIfNeeded: serial))
            if shards[first].words[next[first]] & 1 == 1 {
                parts[first].streams.append(stream)
                stream &+= 1
            }
            next[first] += 1
        }
    }
}
