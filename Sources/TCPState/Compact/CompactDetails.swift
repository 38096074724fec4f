internal import Wire

/// What is unusual of a steady connection in compact form, or does not follow from the rest: in 60 bytes.
public struct CompactDetails: Sendable {
    var initialSendSequences = InlineArray<2, SequenceNumber>(repeating: SequenceNumber(0))
    /// SEG.ACK of the first segments.
    var acknowledgmentNumbers = InlineArray<2, SequenceNumber>(repeating: SequenceNumber(0))
    var anomalies: Anomalies = []
    /// The frame that shows that the first end entered ESTABLISHED, counted from the first one.
    var sinceFrame: Int32 = 0
    /// When it did.
    var since = ShortNumber.none
    /// When the segment went past of which an end is inferred to be established: see ``CompactFacts/isInferred(_:)``.
    private var inferredTime = ShortNumber.none
    /// The frame of that end's SYN,ACK, counted from the first one.
    private var answerFrame: Int32 = 0
    /// For how long before its SYN,ACK it was in the state before, in nanoseconds.
    private var answerDelay: UInt32 = 0
    var retransmissions = InlineArray<2, UInt16>(repeating: 0)
    var synCounts = InlineArray<2, SYNCounts>(repeating: SYNCounts())
    private var peerPackets: UInt8 = 0
    /// The observer's names for the two transitions that are inferred of an end.
    private var tokens = InlineArray<2, UInt32>(repeating: 0)

    /// None.
    public init() {}

    /// Keeps what is inferred of an end, as far as it fits.
    ///
    /// - Parameters:
    ///   - pending: that it is established.
    ///   - frame: the connection's first one, at `base`.
    ///   - asked: when the end sent its SYN,ACK.
    mutating func setInferred(
        _ pending: Pending, from base: Timestamp, _ frame: UInt64, _ asked: Timestamp
    ) {
        inferredTime = ShortNumber(pending.latest, from: base) ?? .none
        peerPackets = UInt8(truncatingIfNeeded: pending.peerPackets)
        answerFrame = Int32(truncatingIfNeeded: Int64(bitPattern: pending.priorFrame &- frame))
        answerDelay = UInt32(truncatingIfNeeded: (asked - pending.priorSince).nanoseconds)
    }

    /// Keeps an observer's names for what is inferred of an end; returns whether it has any.
    mutating func setTokens(_ pending: (Pending, Pending)) -> Bool {
        tokens = [pending.0.token, pending.1.token]
        return tokens[0] | tokens[1] != 0
    }

    /// Names what was inferred as the observer does.
    func name(_ pending: inout (Pending, Pending)) {
        pending.0.token = tokens[0]
        pending.1.token = tokens[1]
    }

    /// What is inferred of an end: that it holds something, and that the acknowledgment of that has arrived.
    func inferred(
        _ end: borrowing @_addressable Endpoint, from base: Timestamp, _ frame: UInt64
    ) -> (Pending, Pending) {
        let time = inferredTime.time(from: base)
        let answered = end.first.time
        let answerFrame = frame &+ UInt64(bitPattern: Int64(answerFrame))
        return (
            Pending(answeredAt: answered, from: base, frame: answerFrame),
            Pending(
                acknowledgedAt: time, frame: end.sinceFrame, peerPackets: UInt64(peerPackets),
                answeredSince: answered - TimeSpan(nanoseconds: Int64(answerDelay)),
                frame: answerFrame)
        )
    }
}

/// How many SYNs an end sent, and how many copies of them the tap saw: both below 16.
struct SYNCounts: Equatable, Sendable {
    private var both: UInt8 = 0

    init() {}

    /// One SYN, or none where none was seen.
    init(usualOf end: CompactEndpoint) { both = end.seen.contains(.syn) ? 1 << 4 : 0 }

    /// Nil if they do not fit.
    init?(_ end: borrowing @_addressable Endpoint) {
        guard end.synCount < 16, end.synCopies < 16 else { return nil }
        both = UInt8(end.synCount << 4 | end.synCopies)
    }

    func copy(to end: inout Endpoint) {
        end.synCount = UInt16(both >> 4)
        end.synCopies = UInt16(both & 15)
    }
}
