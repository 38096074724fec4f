public import Wire

/// A steady connection of which nothing rare is known, in 300 bytes: all that a ``Connection`` says of it, to the bit.
///
/// Nearly all connections of a busy host are such, and nearly all segments of them are what header prediction foretells:
/// these are taken here. What a segment touches comes first, and lies in three cache lines of its owner. For any other
/// segment the connection is made again.
public struct CompactConnection: Sendable {
    @usableFromInline let firstSeen: Timestamp
    /// The low half of its last frame, whose number is below 2³².
    @usableFromInline var lastFrame: UInt32
    /// The file of all its frames.
    @usableFromInline let file: UInt16
    @usableFromInline var facts: Facts
    @usableFromInline var completeness: UInt8
    @usableFromInline var completenessBeforeLast: UInt8
    /// Whether the memory is in use: for its owner, since there is room.
    public var isInUse = true
    /// See ``Connection/Gap/unanswered``.
    @usableFromInline var unanswered: UInt8
    @usableFromInline var ends: InlineArray<2, CompactEndpoint>
    @usableFromInline var gapFrame: UInt32
    @usableFromInline var gapStart: ShortNumber
    @usableFromInline var gapEnd: ShortNumber
    @usableFromInline var longestSurvived: ShortNumber

    // What follows is read when the connection is made again.

    private let synCounts: InlineArray<2, SYNCounts>
    private let firstTimesToLive: InlineArray<2, UInt8>
    private let retransmissions: InlineArray<2, UInt16>
    private let starts: InlineArray<2, CompactOpening>
    /// What is inferred of an end: see ``Facts/isInferred(_:)``.
    private let inferredTime: ShortNumber
    private let inferredPeerPackets: UInt8
    /// The frame of its SYN,ACK, counted from the first one.
    private let inferredPriorFrame: Int32
    /// How long before that it was sent, in nanoseconds.
    private let inferredPriorDelay: UInt32
    /// See ``Connection/serial``.
    public let serial: UInt32
    private let stream: UInt32
    private let anomalies: Anomalies
    /// The low half of its first frame.
    private let firstFrame: UInt32

    /// What is one bit each.
    @frozen
    @usableFromInline
    struct Facts: OptionSet, Sendable {
        @usableFromInline var rawValue: UInt16

        @inlinable
        init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable static var isOpenerHigh: Facts { Facts(rawValue: 1) }
        @inlinable static var isOpenerKnown: Facts { Facts(rawValue: 2) }
        @inlinable static var hasGap: Facts { Facts(rawValue: 4) }
        @inlinable static var isBreakerHigh: Facts { Facts(rawValue: 8) }
        @inlinable static var isBreakerData: Facts { Facts(rawValue: 16) }
        @inlinable static var isBreakerWaiting: Facts { Facts(rawValue: 32) }
        @inlinable static var gap: Facts {
            [.hasGap, .isBreakerHigh, .isBreakerData, .isBreakerWaiting]
        }

        /// Whether the first copy of an end's SYN was seen.
        static func hasControl(_ end: Int) -> Facts { Facts(rawValue: 64 << UInt16(end)) }
        /// Whether it is only inferred that an end is established, which has sent nothing since its SYN,ACK.
        @inlinable static func isInferred(_ end: Int) -> Facts {
            Facts(rawValue: 4096 << UInt16(truncatingIfNeeded: end))
        }
        /// The grade of an end's state, in two bits.
        static func grade(_ end: Int, _ grade: Grade) -> Facts {
            Facts(rawValue: UInt16(grade.rawValue) << (8 + 2 * UInt16(end)))
        }

        func grade(_ end: Int) -> Grade {
            Grade(rawValue: UInt8(rawValue >> (8 + 2 * UInt16(end)) & 3)) ?? .assumed
        }
    }

    /// A connection in compact form; nil if it is not steady, or does not fit.
    @inlinable
    public init?<Observer: TransitionObserver>(
        _ connection: borrowing @_addressable Connection,
        _ context: borrowing MachineContext<Observer>
    ) {
        let low = connection.pendingCount[0]
        let high = connection.pendingCount[1]
        guard low | high != 0 else {
            self.init(connection, nil)
            return
        }
        guard low | high == 2, low & high == 0 else { return nil }
        let first = connection.ends[low > 0 ? 0 : 1].pendingFirst
        self.init(connection, (context.pool[first, 0], context.pool[first, 1]))
    }

    @usableFromInline
    init?(_ connection: borrowing @_addressable Connection, _ pending: (Pending, Pending)?) {
        let base = connection.firstSeen
        let frame = connection.firstFrame
        guard connection.isSteady[0] || connection.isSteady[1], connection.rareFactsSlot == 0,
            connection.firstCloser == nil, connection.resetBy == nil,
            frame >> 32 & 0xffff == 0, connection.lastFrame >> 32 == frame >> 32,
            connection.lastSeen
                == max(connection.ends[0].lastSent, connection.ends[1].lastSent),
            let low = CompactEndpoint(connection.ends[0], from: base),
            let high = CompactEndpoint(connection.ends[1], from: base),
            let lowOpening = CompactOpening(connection.ends[0], from: base, frame: frame),
            let highOpening = CompactOpening(connection.ends[1], from: base, frame: frame),
            let lowSYNs = SYNCounts(connection.ends[0]),
            let highSYNs = SYNCounts(connection.ends[1]),
            let lowRepeated = UInt16(exactly: connection.ends[0].retransmissions),
            let highRepeated = UInt16(exactly: connection.ends[1].retransmissions)
        else { return nil }
        firstSeen = base
        firstFrame = UInt32(truncatingIfNeeded: frame)
        lastFrame = UInt32(truncatingIfNeeded: connection.lastFrame)
        file = UInt16(truncatingIfNeeded: frame >> 48)
        var facts: Facts = [
            .grade(0, connection.ends[0].grade), .grade(1, connection.ends[1].grade),
        ]
        if connection.opener == .high { facts.insert(.isOpenerHigh) }
        if connection.isOpenerKnown { facts.insert(.isOpenerKnown) }
        for end in 0...1 where connection.ends[end].controlSeen.nanoseconds != .min {
            facts.insert(.hasControl(end))
        }
        inferredTime = pending.flatMap { ShortNumber($0.1.latest, from: base) } ?? .none
        inferredPeerPackets = UInt8(truncatingIfNeeded: pending?.1.peerPackets ?? 0)
        inferredPriorFrame = Int32(
            truncatingIfNeeded: Int64(bitPattern: (pending?.1.priorFrame ?? frame) &- frame))
        let asked = connection.ends[connection.pendingCount[0] > 0 ? 0 : 1].first.time
        inferredPriorDelay = UInt32(
            truncatingIfNeeded: (asked - (pending?.1.priorSince ?? asked)).nanoseconds)
        if connection.pendingCount[0] > 0 { facts.insert(.isInferred(0)) }
        if connection.pendingCount[1] > 0 { facts.insert(.isInferred(1)) }
        self.facts = facts
        completeness = connection.completeness
        completenessBeforeLast = connection.completenessBeforeLast
        ends = [low, high]
        synCounts = [lowSYNs, highSYNs]
        firstTimesToLive = [
            connection.ends[0].first.timeToLive, connection.ends[1].first.timeToLive,
        ]
        retransmissions = [lowRepeated, highRepeated]
        starts = [lowOpening, highOpening]
        serial = connection.serial
        stream = connection.stream
        anomalies = connection.anomalies
        unanswered = 0
        gapFrame = 0
        gapStart = .none
        gapEnd = .none
        longestSurvived = .none
        guard set(connection.gaps, from: base) else { return nil }
        // Only what is made again as it was can be left out.
        if let pending {
            let end = facts.contains(.isInferred(0)) ? 0 : 1
            let same = inferred(end, connection.ends[end])
            guard same.0.isSame(as: pending.0), same.1.isSame(as: pending.1) else { return nil }
        }
    }

    /// What is inferred of an end of which only a SYN,ACK was seen: that it holds something, and that the ACK of it has
    /// arrived.
    @usableFromInline
    func inferred(_ end: Int, _ endpoint: Endpoint) -> (Pending, Pending) {
        let time = inferredTime.time(from: firstSeen)
        let frame = UInt64(file) << 48 | UInt64(firstFrame)
        let answered = endpoint.first.time
        let answerFrame = frame &+ UInt64(bitPattern: Int64(inferredPriorFrame))
        return (
            Pending(
                event: .sentSYNACK, from: .unknown, token: 0, latest: answered,
                notBefore: firstSeen, frame: answerFrame, peerPackets: 1,
                priorSince: Timestamp(nanoseconds: 0), priorFrame: 0, priorGrade: .assumed),
            Pending(
                event: .receivedACKofSYN, from: .synReceived, token: 0, latest: time,
                notBefore: time, frame: endpoint.sinceFrame,
                peerPackets: UInt64(inferredPeerPackets),
                priorSince: answered - TimeSpan(nanoseconds: Int64(inferredPriorDelay)),
                priorFrame: answerFrame, priorGrade: .proved)
        )
    }

    /// Gives a connection that was made of this one what is inferred of its ends.
    @inlinable
    public func inferTransition<Observer: TransitionObserver>(
        _ connection: inout Connection, _ context: inout MachineContext<Observer>
    ) {
        for end in 0...1 where facts.contains(.isInferred(end)) {
            let pending = inferred(end, connection.ends[end])
            connection.addPending(pending.0, end, &context)
            connection.addPending(pending.1, end, &context)
        }
    }

    /// The connection, without what is inferred: see ``inferTransition(_:_:)``.
    public var connection: Connection {
        @_addressableSelf get {
            let fileBits = UInt64(file) << 48
            var connection = Connection(
                serial: serial, stream: stream, first: Segment(),
                from: facts.contains(.isOpenerHigh) ? .high : .low, at: firstSeen,
                frame: fileBits | UInt64(firstFrame))
            connection.opener = facts.contains(.isOpenerHigh) ? .high : .low
            connection.isOpenerKnown = facts.contains(.isOpenerKnown)
            connection.anomalies = anomalies
            connection.lastFrame = fileBits | UInt64(lastFrame)
            connection.completeness = completeness
            connection.completenessBeforeLast = completenessBeforeLast
            for end in 0...1 {
                ends[end].copy(to: &connection.ends[end], from: firstSeen)
                starts[end].copy(
                    to: &connection.ends[end], from: firstSeen, frame: connection.firstFrame)
                connection.ends[end].grade = facts.grade(end)
                synCounts[end].copy(to: &connection.ends[end])
                connection.ends[end].first.timeToLive = firstTimesToLive[end]
                connection.ends[end].retransmissions = UInt32(retransmissions[end])
                guard facts.contains(.hasControl(end)) else { continue }
                connection.ends[end].controlSeen = connection.ends[end].first.time
                connection.ends[end].controlTimestamp = connection.ends[end].first.timestampValue
            }
            connection.lastSeen = max(connection.ends[0].lastSent, connection.ends[1].lastSent)
            connection.gaps = gaps(from: firstSeen)
            return connection
        }
    }
}

/// How many SYNs an end sent, and how many copies of them the tap saw: both below 16.
private struct SYNCounts {
    private let both: UInt8

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
