public import Wire

/// How the second tap's clock differs from the first one's, piece by piece: a clock that is set makes a new piece.
public struct ClockModel: Sendable {
    /// A stretch of time in which one clock gains on the other at a constant rate.
    public struct Piece: Sendable {
        /// From when on, by the first tap's clock.
        public let start: Timestamp
        /// Until when.
        public let end: Timestamp
        /// The moment for which ``offset`` holds: where it is known best.
        public let reference: Timestamp
        /// The second clock less the first one at ``reference``: the middle of its bounds.
        public let offset: TimeSpan
        /// The truth lies no further below and above ``offset``; nil where segments go one way only.
        public let margin: TimeSpan?
        /// How much the second clock gains, in parts of one: the middle of its bounds.
        public let drift: Double
        /// The bounds of the drift; nil where the capture is shorter than ``shortestForDrift``.
        public let driftBounds: ClosedRange<Double>?
        /// How far the bounds of the offset open at the piece's start and at its end.
        let edgeMargins: (start: TimeSpan, end: TimeSpan)

        /// The offset at a moment of the first clock.
        func offset(at time: Timestamp) -> TimeSpan {
            let seconds = Double((time - reference).nanoseconds)
            return offset + TimeSpan(nanoseconds: Int64(clamping: seconds * drift))
        }

        /// How far the truth may lie from ``offset(at:)``. The bounds are convex: no further than their chord.
        func margin(at time: Timestamp) -> TimeSpan {
            let (edge, span, passed) =
                time < reference
                ? (edgeMargins.start, reference - start, reference - time)
                : (edgeMargins.end, end - reference, time - reference)
            let least = margin ?? edge
            guard span.nanoseconds > 0 else { return max(edge, least) }
            let share = Double(passed.nanoseconds) / Double(span.nanoseconds)
            let growth = Double((edge - least).nanoseconds) * share
            return least + TimeSpan(nanoseconds: Int64(clamping: max(0, growth)))
        }
    }

    /// The pieces in order of time; none where no segment was matched.
    public internal(set) var pieces: [Piece] = []
    /// Stretches between pieces in which the clock was set: how many.
    public var steps: Int { max(0, pieces.count - 1) }

    /// Clocks drift by no more: the tolerance that NTP assumes. RFC 5905, section 7.1 (PHI is 15 ppm, the largest
    /// frequency error that is corrected 500 ppm).
    static let largestDrift = 500e-6
    /// From this length of a piece on its drift is estimated.
    public static let shortestForDrift = TimeSpan.seconds(60)

    /// Where a moment of the first clock falls; the nearest piece outside all of them.
    func piece(at time: Timestamp) -> Piece? {
        pieces.last { $0.start <= time } ?? pieces.first
    }

    /// A moment of the first clock by the second one.
    public func far(_ time: Timestamp) -> Timestamp {
        piece(at: time).map { time + $0.offset(at: time) } ?? time
    }

    /// A moment of the second clock by the first one.
    public func near(_ time: Timestamp) -> Timestamp {
        guard var piece = pieces.first else { return time }
        for next in pieces.dropFirst() where time - next.offset >= next.start { piece = next }
        // The drift over the offset itself is far below a nanosecond per second: one more round is exact.
        let first = time - piece.offset
        return time - piece.offset(at: first)
    }

    /// How far the truth may lie from ``far(_:)``.
    public func margin(at time: Timestamp) -> TimeSpan {
        piece(at: time)?.margin(at: time) ?? .max
    }
}

extension Int64 {
    /// The nearest whole number.
    init(clamping value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.2e18 {
            self = .max
        } else if value <= -9.2e18 {
            self = .min
        } else {
            self = Int64(value.rounded())
        }
    }
}
