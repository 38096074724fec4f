public import Wire

// A silence of a connection whose ends are both synchronized: what comes after it may meet a device that has
// forgotten the connection, or a host that has. Every idle connection has one, so it costs no slow path.
extension Connection {
    /// A silence.
    public struct Gap: Sendable {
        /// The last segment before it.
        public internal(set) var start: Timestamp
        /// The first segment after it.
        public internal(set) var end: Timestamp
        /// That segment's frame.
        public var frame: UInt64
        /// That segment's sender.
        public internal(set) var breaker: Side
        /// Whether it carries payload and no FIN.
        public internal(set) var isData: Bool
        /// Whether the breaker had sent the last new data before it: it was waiting for an answer.
        public internal(set) var isWaiting: Bool
        /// Segments since, each after another silence, to none of which the other end said anything.
        public internal(set) var unanswered: UInt16 = 0

        @usableFromInline
        init(
            start: Timestamp, end: Timestamp, frame: UInt64, breaker: Side, isData: Bool,
            isWaiting: Bool
        ) {
            self.isWaiting = isWaiting
            self.isData = isData
            self.start = start
            self.end = end
            self.frame = frame
            self.breaker = breaker
        }

        /// How long.
        public var duration: TimeSpan { end - start }
    }

    /// The silences of a second or more in which both ends were synchronized.
    public struct Gaps: Sendable {
        /// The latest; nil before the first.
        public internal(set) var latest: Gap?
        /// The longest after which both ends went on; the latest one left out.
        public internal(set) var longestSurvived: TimeSpan = 0

        @usableFromInline
        init() {}
    }

    /// From how long on a silence counts.
    @inlinable static var noteworthySilence: TimeSpan { 1_000_000_000 }

    /// Notes the silence that a segment ends, and whether its sender gives up by it.
    @inlinable @inline(never)
    mutating func noteGap<Observer: TransitionObserver>(
        endedBy segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard let gaps = gaps(endedBy: segment, from: sender, at: time, frame: frame) else {
            return
        }
        self.gaps = gaps
        noteGivenUp(segment, frame: frame, &context)
    }

    /// The silences once a segment has come that is not taken yet, after a noteworthy one; nil if it ends none.
    @inlinable @_addressableSelf
    func gaps(
        endedBy segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Gaps? {
        guard ends[0].state.isSynchronized, ends[1].state.isSynchronized else { return nil }
        return gaps.ended(
            by: segment, from: sender, at: time, frame: frame, after: lastSeen,
            Gaps.Activity(ends[sender.rawValue]), Gaps.Activity(ends[sender.peer.rawValue]))
    }
}

extension Connection.Gaps {
    /// What a silence asks of an end.
    @usableFromInline
    struct Activity {
        let lastSent: Timestamp
        let lastNew: Timestamp
        let hasPayload: Bool

        @usableFromInline
        init(_ end: borrowing @_addressable some PredictedEnd) {
            lastSent = end.lastSent
            lastNew = end.lastNew
            hasPayload = end.payload > 0
        }
    }

    /// The silences after another one, which a segment ends that is not taken yet. A silence that nothing has answered
    /// yet stays the latest: what comes after it are repetitions.
    ///
    /// - Parameters:
    ///   - lastSeen: when it began.
    ///   - end: the segment's sender.
    @usableFromInline
    func ended(
        by segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64, after lastSeen: Timestamp, _ end: Activity, _ peer: Activity
    ) -> Connection.Gaps {
        var gaps = self
        if let gap = latest {
            let other = sender == gap.breaker ? peer : end
            guard other.lastSent > gap.end else {
                if sender == gap.breaker, gap.unanswered < .max { gaps.latest?.unanswered += 1 }
                return gaps
            }
            gaps.longestSurvived = max(longestSurvived, gap.duration)
        }
        gaps.latest = Connection.Gap(
            start: lastSeen, end: time, frame: frame, breaker: sender,
            isData: segment.payloadLength > 0 && !segment.flags.contains(.fin),
            isWaiting: end.hasPayload && (end.lastNew > peer.lastNew || !peer.hasPayload))
        return gaps
    }
}
