public import TCPState
public import Wire

/// All that a tap saw, in the order of its capture.
public final class Tap: Sendable {
    /// The name that the user gave it.
    public let name: String
    /// Its segments, in the order of the capture.
    public let segments: [TapSegment]
    /// Its connections, in the order of their first segments.
    public let connections: [TapConnection]
    /// ICMP errors that quote segments of its connections.
    public let errors: [TapICMP]
    /// What was read.
    public let counts: Counts
    /// The places in `errors` of each connection that has any.
    private let errorPlaces: [UInt32: [Int]]
    /// The indices of segments, those of an end of a connection together.
    private let order: [UInt32]
    /// Where the segments of end `2 * connection + side` begin in `order`.
    private let starts: [UInt32]

    /// What was read of a capture.
    public struct Counts: Sendable {
        /// Frames.
        public internal(set) var frames: UInt64 = 0
        /// Frames that gave a TCP segment.
        public internal(set) var segments: UInt64 = 0
        /// Segments that had no room: they are compared with nothing.
        public internal(set) var leftOut: UInt64 = 0
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

    init(
        name: String, segments: [TapSegment], connections: [TapConnection], errors: [TapICMP],
        counts: Counts
    ) {
        self.name = name
        self.segments = segments
        self.connections = connections
        self.errors = errors
        self.counts = counts
        errorPlaces = Dictionary(grouping: errors.indices) { errors[$0].connection }
        var starts = [UInt32](repeating: 0, count: 2 * connections.count + 1)
        for segment in segments { starts[Tap.slot(segment) + 1] += 1 }
        for slot in starts.indices.dropFirst() { starts[slot] += starts[slot - 1] }
        var next = starts
        var order = [UInt32](repeating: 0, count: segments.count)
        for (index, segment) in segments.enumerated() {
            let slot = Tap.slot(segment)
            order[Int(next[slot])] = UInt32(index)
            next[slot] += 1
        }
        self.order = order
        self.starts = starts
    }

    private static func slot(_ segment: TapSegment) -> Int {
        2 * Int(segment.connection) + segment.side.rawValue
    }

    /// The indices of the segments that an end of a connection sent.
    public func sent(by side: Side, of connection: Int) -> ArraySlice<UInt32> {
        let slot = 2 * connection + side.rawValue
        return order[Int(starts[slot])..<Int(starts[slot + 1])]
    }

    /// The indices of all segments of a connection, in the order of the capture.
    public func segments(of connection: Int) -> some Sequence<UInt32> {
        let (low, high) = (sent(by: .low, of: connection), sent(by: .high, of: connection))
        var (i, j) = (low.startIndex, high.startIndex)
        return AnyIterator<UInt32> {
            if i < low.endIndex, j == high.endIndex || low[i] < high[j] {
                i += 1
                return low[i - 1]
            }
            guard j < high.endIndex else { return nil }
            j += 1
            return high[j - 1]
        }
    }

    /// The ICMP errors about a connection, in the order of the capture.
    public func errors(of connection: Int) -> [TapICMP] {
        (errorPlaces[UInt32(truncatingIfNeeded: connection)] ?? []).map { errors[$0] }
    }
}
