public import Wire

/// A steady connection of which nothing rare is known, in 236 bytes, from which its ``Connection`` is made again without loss.
///
/// Nearly all connections of a busy host are such, and nearly all segments of them are what header prediction foretells:
/// these are taken here. What a segment touches comes first: with eight bytes before it, it lies in three cache lines.
/// What follows from something else is not kept; what is unusual stands in ``CompactDetails``. For a segment that is not
/// foretold the connection is made again.
public struct CompactConnection: Sendable {
    @usableFromInline var firstSeen = Timestamp(nanoseconds: 0)
    /// The low half of its last frame, whose number is below 2³².
    @usableFromInline var lastFrame: UInt32 = 0
    @usableFromInline var facts: CompactFacts = []
    @usableFromInline var gapFrame: UInt32 = 0
    /// See ``Connection/serial``.
    public private(set) var serial: UInt32 = 0
    private var stream: UInt32 = 0
    /// The low half of its first frame.
    private var firstFrame: UInt32 = 0
    /// The file of all its frames.
    @usableFromInline var file: UInt16 = 0
    /// By how many frames the first end entered ESTABLISHED before the second one.
    private var sinceStep: UInt16 = 0
    @usableFromInline var gapStart = ShortNumber.none
    @usableFromInline var gapEnd = ShortNumber.none
    @usableFromInline var longestSurvived = ShortNumber.none
    /// See ``Connection/Gap/unanswered``.
    @usableFromInline var unanswered: UInt8 = 0
    /// The two masks, of four bits each.
    @usableFromInline var completenesses: UInt8 = 0
    @usableFromInline var ends = InlineArray<2, CompactEndpoint>(repeating: CompactEndpoint())

    // What follows is read when the connection is made again.

    /// Where its owner keeps what is unusual of it, from 1; 0 if nothing is.
    public var detailsPlace: UInt32 = 0
    /// The frame that shows that the second end entered ESTABLISHED, counted from the first one.
    private var sinceFrame: Int32 = 0
    private var timestampValues = InlineArray<2, UInt32>(repeating: 0)
    private var firstSegments = InlineArray<2, CompactFirstSegment>(
        repeating: CompactFirstSegment(FirstSegment()))
    /// When the second end entered ESTABLISHED.
    private var since = ShortNumber.none
    /// When the second end sent its first segment; the first one's is that of the connection.
    private var answered = ShortNumber.none

    /// A place for one.
    public init() {}

    /// Whether the memory is in use: for its owner, since there is room.
    @inlinable public var isInUse: Bool {
        get { facts.contains(.isInUse) }
        set { if newValue { facts.insert(.isInUse) } else { facts.remove(.isInUse) } }
    }

    /// Whether its owner keeps its addresses elsewhere, which have no room beside it.
    @inlinable public var hasLongAddresses: Bool {
        get { facts.contains(.hasLongAddresses) }
        set {
            if newValue { facts.insert(.hasLongAddresses) } else { facts.remove(.hasLongAddresses) }
        }
    }

    /// Becomes the compact form of a connection: see ``Connection/write(to:_:_:)``.
    ///
    /// - Parameter pending: what is inferred of one of its ends.
    @usableFromInline
    mutating func become(
        _ connection: borrowing @_addressable Connection, _ pending: (Pending, Pending)?,
        _ details: inout CompactDetails
    ) -> Bool {
        let base = connection.firstSeen
        let frame = connection.firstFrame
        guard connection.isSteady[0] || connection.isSteady[1], connection.rareFactsSlot == 0,
            connection.firstCloser == nil, connection.resetBy == nil,
            connection.completeness < 16, frame >> 32 & 0xffff == 0,
            connection.lastFrame >> 32 == frame >> 32,
            connection.lastSeen
                == max(connection.ends[0].lastSent, connection.ends[1].lastSent),
            let low = CompactEndpoint(connection.ends[0], from: base),
            let high = CompactEndpoint(connection.ends[1], from: base)
        else { return false }
        ends[0] = low
        ends[1] = high
        firstSeen = base
        firstFrame = UInt32(truncatingIfNeeded: frame)
        lastFrame = UInt32(truncatingIfNeeded: connection.lastFrame)
        file = UInt16(truncatingIfNeeded: frame >> 48)
        serial = connection.serial
        stream = connection.stream
        completenesses = connection.completenessBeforeLast << 4 | connection.completeness
        detailsPlace = 0
        facts = [.grade(0, connection.ends[0].grade), .grade(1, connection.ends[1].grade)]
        if connection.opener == .high { facts.insert(.isOpenerHigh) }
        if connection.isOpenerKnown { facts.insert(.isOpenerKnown) }
        unanswered = 0
        longestSurvived = .none
        guard set(connection.gaps, from: base), setOpening(connection, &details) else {
            return false
        }
        for end in 0...1 where !setNumbers(connection, end, &details) { return false }
        details.anomalies = connection.anomalies
        if !connection.anomalies.isEmpty { facts.insert(.hasDetails) }
        guard let pending else { return true }
        return setInferred(pending, connection.pendingCount[0] > 0 ? 0 : 1, connection, &details)
    }

    /// Keeps when both ends began, and were established; returns whether that fits.
    private mutating func setOpening(
        _ connection: borrowing @_addressable Connection, _ details: inout CompactDetails
    ) -> Bool {
        let base = connection.firstSeen
        let frame = connection.firstFrame
        let first = connection.ends[0].first.time == base ? 0 : 1
        guard connection.ends[first].first.time == base,
            let answered = ShortNumber(connection.ends[1 - first].first.time, from: base),
            let since = ShortNumber(connection.ends[1 - first].since, from: base),
            let sinceFrame = Int32(
                exactly: Int64(bitPattern: connection.ends[1 - first].sinceFrame &- frame)),
            let firstSince = ShortNumber(connection.ends[first].since, from: base),
            let firstSinceFrame = Int32(
                exactly: Int64(bitPattern: connection.ends[first].sinceFrame &- frame))
        else { return false }
        self.answered = answered
        self.since = since
        self.sinceFrame = sinceFrame
        if first == 1 { facts.insert(.isFirstHigh) }
        facts.set(.since, firstSince.value, usually: since.value, or: answered.value)
        sinceStep = UInt16(truncatingIfNeeded: sinceFrame &- firstSinceFrame)
        facts.set(.sinceFrame, firstSinceFrame, usually: sinceFrame &- Int32(sinceStep))
        details.since = firstSince
        details.sinceFrame = firstSinceFrame
        return true
    }

    /// Keeps what is left of an end; returns whether that fits.
    private mutating func setNumbers(
        _ connection: borrowing @_addressable Connection, _ end: Int,
        _ details: inout CompactDetails
    ) -> Bool {
        guard let synCounts = SYNCounts(connection.ends[end]),
            let retransmissions = UInt16(exactly: connection.ends[end].retransmissions)
        else { return false }
        timestampValues[end] = connection.ends[end].first.timestampValue
        firstSegments[end] = CompactFirstSegment(connection.ends[end].first)
        if connection.ends[end].controlSeen.nanoseconds != .min {
            guard connection.ends[end].controlIsFirst else { return false }
            facts.insert(.hasControl(end))
        }
        let sent = ends[end].numberBeforePayload
        facts.set(
            .initialSendSequence(end), connection.ends[end].initialSendSequence,
            usually: sent - 1, or: sent)
        facts.set(
            .acknowledgmentNumber(end), connection.ends[end].first.acknowledgmentNumber,
            usually: connection.ends[1 - end].initialSendSequence + 1, or: SequenceNumber(0))
        details.initialSendSequences[end] = connection.ends[end].initialSendSequence
        details.acknowledgmentNumbers[end] = connection.ends[end].first.acknowledgmentNumber
        details.synCounts[end] = synCounts
        details.retransmissions[end] = retransmissions
        if synCounts != SYNCounts(usualOf: ends[end]) || retransmissions != 0 {
            facts.insert(.hasDetails)
        }
        return true
    }

    /// Whether anything unusual is to be kept of it.
    public var hasDetails: Bool { facts.contains(.hasDetails) }

    /// Whether both SYNs were seen.
    public var isHandshakeSeen: Bool {
        ends[0].seen.contains(.syn) && ends[1].seen.contains(.syn)
    }

    /// The connection, without what is inferred: see ``inferTransition(_:_:_:)``.
    ///
    /// - Parameter details: what is unusual of it; not read unless ``hasDetails``.
    @_addressableSelf
    public func connection(_ details: CompactDetails) -> Connection {
        let frame = UInt64(file) << 48 | UInt64(firstFrame)
        var connection = Connection(
            serial: serial, stream: stream, first: Segment(),
            from: facts.contains(.isOpenerHigh) ? .high : .low, at: firstSeen, frame: frame)
        connection.opener = facts.contains(.isOpenerHigh) ? .high : .low
        connection.isOpenerKnown = facts.contains(.isOpenerKnown)
        connection.anomalies = hasDetails ? details.anomalies : []
        connection.lastFrame = UInt64(file) << 48 | UInt64(lastFrame)
        connection.completeness = completenesses & 15
        connection.completenessBeforeLast = completenesses >> 4
        for end in 0...1 {
            ends[end].copy(to: &connection.ends[end], from: firstSeen)
            connection.ends[end].initialSendSequence = initialSendSequence(end, details)
            connection.ends[end].grade = facts.grade(end)
            let synCounts = hasDetails ? details.synCounts[end] : SYNCounts(usualOf: ends[end])
            synCounts.copy(to: &connection.ends[end])
            connection.ends[end].retransmissions =
                hasDetails ? UInt32(details.retransmissions[end]) : 0
        }
        for end in 0...1 {
            firstSegments[end].copy(to: &connection.ends[end].first)
            connection.ends[end].first.timestampValue = timestampValues[end]
            connection.ends[end].first.acknowledgmentNumber =
                switch facts.source(of: .acknowledgmentNumber(end)) {
                case .usual: connection.ends[1 - end].initialSendSequence + 1
                case .other: SequenceNumber(0)
                case .details: details.acknowledgmentNumbers[end]
                }
        }
        copyOpening(to: &connection, details)
        for end in 0...1 where facts.contains(.hasControl(end)) {
            connection.ends[end].controlSeen = connection.ends[end].first.time
            connection.ends[end].controlTimestamp = connection.ends[end].first.timestampValue
        }
        connection.lastSeen = max(connection.ends[0].lastSent, connection.ends[1].lastSent)
        connection.gaps = gaps(from: firstSeen)
        return connection
    }

    private func copyOpening(to connection: inout Connection, _ details: CompactDetails) {
        let first = facts.contains(.isFirstHigh) ? 1 : 0
        let second = 1 - first
        connection.ends[first].first.time = firstSeen
        connection.ends[second].first.time = answered.time(from: firstSeen)
        connection.ends[second].since = since.time(from: firstSeen)
        connection.ends[first].since =
            switch facts.source(of: .since) {
            case .usual: connection.ends[second].since
            case .other: connection.ends[second].first.time
            case .details: details.since.time(from: firstSeen)
            }
        let isUsual = facts.source(of: .sinceFrame) == .usual
        let firstSinceFrame = isUsual ? sinceFrame &- Int32(sinceStep) : details.sinceFrame
        connection.ends[second].sinceFrame = connection.firstFrame &+ sinceFrame.word
        connection.ends[first].sinceFrame = connection.firstFrame &+ firstSinceFrame.word
    }

    private func initialSendSequence(_ end: Int, _ details: CompactDetails) -> SequenceNumber {
        switch facts.source(of: .initialSendSequence(end)) {
        case .usual: ends[end].numberBeforePayload - 1
        case .other: ends[end].numberBeforePayload
        case .details: details.initialSendSequences[end]
        }
    }
}

extension Connection {
    /// Writes its compact form in the place of another one; returns whether it has one: whether it is steady, and fits. Else
    /// what stands there is none of any.
    ///
    /// - Parameter details: takes what is unusual of it.
    @inlinable @inline(__always) @_addressableSelf
    public func write<Observer: TransitionObserver>(
        to compact: inout CompactConnection, _ details: inout CompactDetails,
        _ context: borrowing MachineContext<Observer>
    ) -> Bool {
        let low = pendingCount[0]
        let high = pendingCount[1]
        guard low | high != 0 else { return compact.become(self, nil, &details) }
        guard low | high == 2, low & high == 0 else { return false }
        let first = ends[low > 0 ? 0 : 1].pendingFirst
        return compact.become(self, (context.pool[first, 0], context.pool[first, 1]), &details)
    }
}

extension Int32 {
    /// The same number, with which frame numbers wrap.
    fileprivate var word: UInt64 { UInt64(bitPattern: Int64(self)) }
}
