public import TCPState
public import Wire

/// All that a tap saw, in the order of its capture.
public final class Tap: Sendable {
    /// The name that the user gave it.
    public let name: String
    /// Its segments: those of an end of a connection lie together, in the order of the capture.
    public let segments: [TapSegment]
    /// Its connections, in the order of their first segments.
    public let connections: [TapConnection]
    /// ICMP errors that quote segments of its connections.
    public let errors: [TapICMP]
    /// What was read.
    public let counts: Counts
    /// The places in `errors` of each connection that has any.
    private let errorIndices: [UInt32: [Int]]
    /// The place of each segment in the capture.
    private let ranks: [UInt32]
    /// Where the segments of end `2 * connection + side` begin.
    private let starts: [UInt32]

    /// What was read of a capture.
    public struct Counts: Sendable {
        /// Frames.
        public internal(set) var frames: UInt64 = 0
        /// Frames that gave a TCP segment.
        public internal(set) var segments: UInt64 = 0
        /// Segments that had no room: they are compared with nothing.
        public internal(set) var leftOut: UInt64 = 0
        /// The time of the first of these.
        public internal(set) var fullSince: Timestamp?
        /// The earliest time.
        public internal(set) var first: Timestamp?
        /// The latest time.
        public internal(set) var last: Timestamp?
        /// Whether some time stamp is finer than a microsecond.
        public internal(set) var hasNanoseconds = false
        /// Packets that the capture itself lost, as its file says; nil where it says nothing.
        public var dropped: UInt64?

        init() {}

        /// The least difference of two time stamps.
        var resolution: TimeSpan { hasNanoseconds ? 1 : 1000 }
    }

    /// - Parameter parts: all segments in the order of the capture. Each part is freed as soon as it is sorted in.
    init(
        name: String, parts: consuming [[TapSegment]], connections: [TapConnection],
        errors: [TapICMP], counts: Counts
    ) {
        self.name = name
        self.connections = connections
        self.errors = errors
        self.counts = counts
        errorIndices = Dictionary(grouping: errors.indices) { errors[$0].connection }
        var starts = [UInt32](repeating: 0, count: 2 * connections.count + 1)
        var rest = parts
        for part in rest {
            for segment in part { starts[Tap.slot(segment) + 1] += 1 }
        }
        for slot in starts.indices.dropFirst() { starts[slot] += starts[slot - 1] }
        let count = Int(starts[starts.count - 1])
        var next = starts
        var ranks = [UInt32](repeating: 0, count: count)
        segments = unsafe [TapSegment](unsafeUninitializedCapacity: count) { buffer, initialized in
            var rank: UInt32 = 0
            for index in rest.indices {
                for segment in rest[index] {
                    let slot = Tap.slot(segment)
                    let position = Int(next[slot])
                    // Each place is that of one segment: the slots are as long as their segments are many.
                    unsafe buffer.initializeElement(at: position, to: segment)
                    ranks[position] = rank
                    next[slot] += 1
                    rank += 1
                }
                rest[index] = []
            }
            initialized = count
        }
        self.ranks = ranks
        self.starts = starts
    }

    private static func slot(_ segment: TapSegment) -> Int {
        2 * Int(segment.connection) + segment.side.rawValue
    }

    /// The indices of the segments that an end of a connection sent.
    public func sent(by side: Side, of connection: Int) -> Range<Int> {
        let slot = 2 * connection + side.rawValue
        return Int(starts[slot])..<Int(starts[slot + 1])
    }

    /// The indices of all segments of a connection: those of one end, then those of the other.
    func all(of connection: Int) -> Range<Int> {
        Int(starts[2 * connection])..<Int(starts[2 * connection + 2])
    }

    /// Some segments in the order of the capture.
    func inOrder(_ numbers: [Int]) -> [Int] { numbers.sorted { ranks[$0] < ranks[$1] } }

    /// The indices of all segments of a connection, in the order of the capture.
    public func segments(of connection: Int) -> some Sequence<Int> {
        let (low, high) = (sent(by: .low, of: connection), sent(by: .high, of: connection))
        let ends = (low.upperBound, high.upperBound)
        return sequence(state: (low.lowerBound, high.lowerBound)) { [ranks] next in
            let isLow =
                next.0 < ends.0 && (next.1 == ends.1 || ranks[next.0] < ranks[next.1])
            if isLow {
                next.0 += 1
                return next.0 - 1
            }
            guard next.1 < ends.1 else { return nil }
            next.1 += 1
            return next.1 - 1
        }
    }

    /// The ICMP errors about a connection, in the order of the capture.
    public func errors(of connection: Int) -> [TapICMP] {
        (errorIndices[UInt32(truncatingIfNeeded: connection)] ?? []).map { errors[$0] }
    }
}
