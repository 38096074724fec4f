public import Coding
import Wire

// A connection with everything that is known of it, as bytes: unlike ``ConnectionArchive``, frames and numbers included.
extension Connection: BinaryCodable {
    /// Reads what ``encode(to:)`` wrote; nothing where the bytes are none that it writes.
    public init(from coder: inout BinaryCoder) {
        self.init(
            serial: 0, stream: 0, first: Segment(), from: .low, at: Timestamp(nanoseconds: 0),
            frame: 0)
        code(&coder)
    }

    /// Everything but where its rare facts and what is inferred of its ends are kept.
    public mutating func code(_ coder: inout BinaryCoder) {
        var (serial, stream, first, frame) = (serial, stream, firstSeen, firstFrame)
        coder(&serial)
        coder(&stream)
        coder(&first)
        coder.frame(&frame)
        // Nearly all other times and frames are near to these.
        let origins = (coder.timeOrigin, coder.frameOrigin)
        defer { (coder.timeOrigin, coder.frameOrigin) = origins }
        (coder.timeOrigin, coder.frameOrigin) = (first.nanoseconds, frame)
        if coder.isReading {
            self = Connection(
                serial: serial, stream: stream, first: Segment(), from: .low, at: first,
                frame: frame)
        }
        coder(&lastSeen)
        coder.frame(&lastFrame)
        coder(&anomalies)
        coder(&completeness)
        coder(&completenessBeforeLast)
        coder(&opener)
        coder(&isOpenerKnown)
        coder.optional(&firstCloser, .low) { $1(&$0) }
        coder.optional(&resetBy, .low) { $1(&$0) }
        coder.optional(&gaps.latest, Gap.blank) { $0.code(&$1) }
        coder(&gaps.longestSurvived)
        for end in 0...1 {
            coder(&pendingCount[end])
            ends[end].code(&coder)
        }
        for end in 0...1 {
            let peer = ends[1 - end].sendNext
            coder(&ends[end].receiveNext, near: peer)
            ends[end].first.code(&coder, peer: peer, recentTimestamp: ends[end].recentTimestamp)
        }
    }
}

extension Connection.Gap {
    /// What reading begins with.
    static var blank: Self {
        let zero = Timestamp(nanoseconds: 0)
        return Self(
            start: zero, end: zero, frame: 0, breaker: .low, isData: false, isWaiting: false)
    }

    mutating func code(_ coder: inout BinaryCoder) {
        coder(&start)
        coder(&end)
        coder.frame(&frame)
        coder(&breaker)
        coder(&isData)
        coder(&isWaiting)
        coder(&unanswered)
    }
}

extension Endpoint {
    /// All but what is told from its peer's numbers.
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&state)
        coder(&grade)
        coder(&seen)
        coder(&packets)
        codeNumbers(&coder)
        codeTimes(&coder)
        codeCounts(&coder)
    }

    private mutating func codeNumbers(_ coder: inout BinaryCoder) {
        coder(&initialSendSequence)
        coder(&sendNext, near: initialSendSequence)
        coder(&sendUnacknowledged, near: sendNext)
        coder(&finEnd, near: sendNext)
        coder(&holeAt)
        coder(&earlyAcknowledgment)
        coder(&identification)
        coder(&recentTimestamp)
        coder(&controlTimestamp, near: recentTimestamp)
        coder(&window)
        coder(&windowScale)
        coder(&timeToLive)
        coder(&repeatedTime)
        coder(&repetitionGap)
        coder(&presumedToken)
    }

    private mutating func codeTimes(_ coder: inout BinaryCoder) {
        var roundTrip = leastRoundTrip == .max ? nil : leastRoundTrip
        coder(&roundTrip)
        leastRoundTrip = roundTrip ?? .max
        coder(&lastSent)
        coder(&lastNew)
        coder(&busySince)
        coder(&unacknowledgedSince)
        coder(&since)
        coder.frame(&sinceFrame)
        coder(&zeroWindowSince)
        coder(&controlSeen)
    }

    private mutating func codeCounts(_ coder: inout BinaryCoder) {
        coder(&bytes)
        coder(&payload)
        coder(&retransmissions)
        coder(&unansweredRetransmissions)
        coder(&unansweredKeepalives)
        coder(&synCount)
        coder(&synCopies)
        coder(&finCount)
        coder(&rstCount)
        coder(&keepalives)
    }
}

extension FirstSegment {
    /// - Parameters:
    ///   - peer: a sequence number of its receiver.
    ///   - recentTimestamp: a time stamp of its sender.
    mutating func code(
        _ coder: inout BinaryCoder, peer: SequenceNumber = SequenceNumber(0),
        recentTimestamp: UInt32 = 0
    ) {
        coder(&time)
        coder(&acknowledgmentNumber, near: peer)
        coder(&timestampValue, near: recentTimestamp)
        coder(&window)
        coder(&maximumSegmentSize)
        coder(&identification)
        coder(&flags)
        coder(&options)
        coder(&hardwareSource)
        coder(&timeToLive)
    }
}
