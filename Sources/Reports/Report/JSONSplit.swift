/// What `split` read and wrote, as a JSON line.
public struct JSONSplit: Format {
    /// The file of a shard.
    public struct Shard: Sendable {
        fileprivate let frames: UInt64
        fileprivate let size: UInt64

        /// - Parameters:
        ///   - frames: how many frames are in it.
        ///   - size: its bytes.
        public init(frames: UInt64, size: UInt64) {
            self.frames = frames
            self.size = size
        }
    }

    /// Makes one.
    public init() {}

    /// Writes the line.
    public mutating func write(
        _ content: (input: InputSummary, shards: [Shard]), to sink: inout some Sink & ~Copyable
    ) {
        sink.write(JSONRecords.split.line(content, JSONStyle()))
    }
}

extension JSONRecords {
    static let split = JSONRecord<(input: InputSummary, shards: [JSONSplit.Shard])>(
        "split", "the line of `split --json`: what was read, and the shards in their order",
        [
            .field(JSONTerms.frames) { .count($0.input.frames) },
            .field(JSONTerms.segments) { .count($0.input.segments) },
            .field(JSONTerms.firstSeen) { .time($0.input.first) },
            .field(JSONTerms.lastSeen) { .time($0.input.last) },
            .field(JSONTerms.problems) { .texts($0.input.problems) },
            .field(JSONTerms.shards) { row in
                .objects { style in row.shards.map { shard.object($0, style) } }
            },
        ])

    static let shard = JSONRecord<JSONSplit.Shard>(
        "shard", "a file that `split` wrote",
        [
            .field(JSONTerms.frames) { .count($0.frames) },
            .field(JSONTerms.size) { .count($0.size) },
        ])
}
