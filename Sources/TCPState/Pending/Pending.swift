public import Wire

/// A transition that is inferred only: the segment that causes it went past the tap towards the
/// endpoint, which has not yet shown that it arrived.
public struct Pending: Sendable {
    /// What the segment does on arrival.
    @usableFromInline var event: Event
    /// The state before it.
    @usableFromInline var from: State
    /// The observer's name for the transition.
    @usableFromInline var token: UInt32
    /// When the causing segment went past the tap.
    @usableFromInline var seen: Timestamp
    /// When it, or another that would do the same, last did.
    @usableFromInline var latest: Timestamp
    /// TSval of an acknowledgment, of the latest copy of a FIN that was repeated, or of the endpoint's own RST.
    @usableFromInline var timestamp: UInt32?
    /// Segments that the peer had sent by then, this one included.
    @usableFromInline var peerPackets: UInt64
    /// The endpoint had not received it before this.
    @usableFromInline var notBefore: Timestamp
    /// The frame of the causing segment.
    @usableFromInline var frame: UInt64
    /// The endpoint's last state change before this one, to go back to.
    @usableFromInline var priorSince: Timestamp
    /// The frame of that change.
    @usableFromInline var priorFrame: UInt64
    /// The grade of that change.
    @usableFromInline var priorGrade: Grade
    /// Whether the causing segment carries data.
    @usableFromInline var hasPayload = false
    /// The next one of the same end, or the next free item: see ``PendingPool``.
    @usableFromInline var next: UInt32 = 0

    /// Whether the endpoint would have answered at once.
    @inlinable var mustBeAnswered: Bool {
        switch event {
        case .receivedSYN, .receivedSYNACK, .receivedFIN, .sentSYNACK: true
        case .receivedACKofSYN, .receivedACKofFIN, .receivedRST, .receivedUnreachable, .sentSYN,
            .sentFIN, .sentRST, .timedOut, .replaced, .presumed:
            false
        }
    }

    /// Whether it is another one with the same facts, wherever the next one is kept.
    func isSame(as other: Pending) -> Bool {
        event == other.event && from == other.from && token == other.token && seen == other.seen
            && latest == other.latest && timestamp == other.timestamp
            && peerPackets == other.peerPackets && notBefore == other.notBefore
            && frame == other.frame && priorSince == other.priorSince
            && priorFrame == other.priorFrame && priorGrade == other.priorGrade
            && hasPayload == other.hasPayload
    }

    @usableFromInline
    init(
        event: Event, from: State, token: UInt32, latest: Timestamp, notBefore: Timestamp,
        frame: UInt64, peerPackets: UInt64, priorSince: Timestamp, priorFrame: UInt64,
        priorGrade: Grade
    ) {
        self.event = event
        self.from = from
        self.token = token
        seen = latest
        self.peerPackets = peerPackets
        self.latest = latest
        self.notBefore = notBefore
        self.frame = frame
        self.priorSince = priorSince
        self.priorFrame = priorFrame
        self.priorGrade = priorGrade
    }
}
