/// The numbers that one run over all connections would have given to those of several shards.
///
/// A connection's number is its rank by first frame; a stream's likewise, where a connection that is
/// another's twin (see ``Tracker``) has no stream of its own.
public struct RunNumbering: Sendable {
    /// How a shard's connections began, in order: for each the frame's place in the run, from 1, and
    /// whether the connection began a stream.
    public struct ConnectionStarts: Sendable {
        /// How many frames after the one before, doubled, and 1 more if it began a stream. Where that
        /// is too much for a word: 0, and the two halves of the place itself.
        @usableFromInline var words: [UInt32] = []
        @usableFromInline var last: UInt64 = 0
        @usableFromInline var count = 0

        @usableFromInline
        init() {}

        @inlinable
        mutating func append(frame: UInt64, beginsStream: Bool) {
            let distance = frame &- last
            let bit: UInt64 = beginsStream ? 1 : 0
            if distance < 1 << 31 {
                words.append(UInt32(truncatingIfNeeded: distance << 1 | bit))
            } else {
                let word = frame << 1 | bit
                words.append(0)
                words.append(UInt32(truncatingIfNeeded: word >> 32))
                words.append(UInt32(truncatingIfNeeded: word))
            }
            last = frame
            count += 1
        }

        /// Walks over them.
        struct Cursor {
            private let words: [UInt32]
            private var index = 0
            /// The frame's place; beyond all others behind the last one.
            private(set) var frame: UInt64 = 0
            private(set) var beginsStream = false
            /// Whether the last one that it came to is as one is written.
            private(set) var isWhole = true

            init(_ starts: ConnectionStarts) {
                words = starts.words
                advance()
            }

            mutating func advance() {
                guard index < words.count else {
                    frame = .max
                    return
                }
                let word = UInt64(words[index])
                if word > 1 {
                    frame &+= word >> 1
                    beginsStream = word & 1 == 1
                    index += 1
                } else if index + 2 >= words.count {
                    isWhole = false
                    index = words.count
                } else {
                    let word = UInt64(words[index + 1]) << 32 | UInt64(words[index + 2])
                    frame = word >> 1
                    beginsStream = word & 1 == 1
                    index += 3
                }
            }
        }
    }

    /// The numbers of one shard's connections.
    public struct ShardNumbers: Sendable {
        fileprivate var serials: [UInt32] = []
        /// Those of streams; nil while every connection begins one.
        fileprivate var streams: [UInt32]?

        /// The connection's number in the run, by its number in the shard.
        public func serial(_ local: UInt32) -> UInt32 { serials[Int(local)] }

        /// Whether a stream has this number in the shard.
        public func hasStream(_ local: UInt32) -> Bool { Int(local) < (streams ?? serials).count }

        /// The stream's number in the run, by its number in the shard.
        public func stream(_ local: UInt32) -> UInt32 { (streams ?? serials)[Int(local)] }
    }

    /// By shard.
    public private(set) var byShard: [ShardNumbers]
    private var serial: UInt32 = 0
    private var stream: UInt32 = 0

    /// Numbers nothing yet.
    public init(shards: Int) { byShard = Array(repeating: ShardNumbers(), count: shards) }

    /// Merges the shards' openings. O(connections × shards).
    public init(_ shards: [ConnectionStarts]) {
        self.init(shards: shards.count)
        for shard in shards.indices { byShard[shard].serials.reserveCapacity(shards[shard].count) }
        append(shards)
    }

    /// Numbers the connections that began after all that are numbered: those of one stretch of the run, by shard.
    public mutating func append(_ shards: [ConnectionStarts]) {
        var cursors = shards.map { ConnectionStarts.Cursor($0) }
        for _ in 0..<shards.reduce(0, { $0 + $1.count }) {
            var first = 0
            for shard in cursors.indices where cursors[shard].frame < cursors[first].frame {
                first = shard
            }
            let beginsStream = cursors[first].beginsStream
            // While every connection begins a stream, both have the same numbers.
            if !beginsStream, byShard[first].streams == nil {
                for shard in byShard.indices { byShard[shard].streams = byShard[shard].serials }
            }
            byShard[first].serials.append(serial)
            serial &+= 1
            if beginsStream {
                byShard[first].streams?.append(stream)
                stream &+= 1
            }
            cursors[first].advance()
        }
    }
}
