import Coding
import Wire

// What is seldom noted of a connection, as bytes.
extension RareFacts {
    mutating func code(_ coder: inout BinaryCoder) {
        coder.optional(&reset, Reset.blank) { $0.code(&$1) }
        ignored.code(&coder)
        coder.optional(&givenUp, Connection.Gap.blank) { $0.code(&$1) }
        coder.optional(
            &closedByReset, ClosedByReset(end: 0, resetFrame: 0, token: 0, before: Endpoint())
        ) { $0.code(&$1) }
        for side in 0...1 { stalls[side].code(&coder) }
        coder(&probeInterval)
        coder.optional(&supersededPeerState, .unknown) { $1(&$0) }
        coder.optional(
            &ackCrossingReset,
            AckCrossingReset(
                end: 0, token: 0, peerPackets: 0, acknowledged: SequenceNumber(0), answers: 0)
        ) { $0.code(&$1) }
        coder.optional(&firstAnswer, FirstAnswer.blank) { $0.code(&$1) }
        coder.optional(&farFIN, FarFIN.blank) { $0.code(&$1) }
        coder.optional(
            &unseen, Unseen(count: 0, time: Timestamp(nanoseconds: 0), frame: 0)
        ) { $0.code(&$1) }
        coder.frame(&unreachableFrame)
        coder.optional(&icmp, ICMP.blank) { $0.code(&$1) }
        coder.optional(&laterSYN, FirstSegment()) { $0.code(&$1) }
        coder.optional(&otherSYNACK, OtherSYNACK.blank) { $0.code(&$1) }
        for side in 0...1 { repeated[side].code(&coder) }
    }
}

extension RareFacts.Reset {
    fileprivate static var blank: Self {
        Self(
            frame: 0, time: Timestamp(nanoseconds: 0), sender: .low, form: .stateless,
            sequenceNumber: SequenceNumber(0), senderState: .unknown, receiverState: .unknown,
            silence: 0, delay: 0, isAfterData: false, isAfterProbe: false, finAge: nil,
            isFINAcknowledged: false, hardwareSource: 0, timeToLive: 0, usualTimeToLive: 0,
            laterFrame: nil, flags: [], acknowledgmentNumber: SequenceNumber(0), window: 0,
            identification: 0, usualIdentification: 0, quiet: 0, mayAnswer: false,
            hasNextNumber: false, hasAcknowledgedNumber: false, isAfterFINOnly: false,
            unacknowledged: 0)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder.frame(&frame)
        coder(&time)
        coder(&sender)
        form.code(&coder)
        coder(&sequenceNumber)
        coder(&senderState)
        coder(&receiverState)
        coder(&silence)
        coder(&delay)
        coder(&isAfterData)
        coder(&isAfterProbe)
        coder(&finAge)
        coder(&isFINAcknowledged)
        coder(&hardwareSource)
        coder(&timeToLive)
        coder(&usualTimeToLive)
        coder.frame(&laterFrame)
        coder(&isMutual)
        coder(&flags)
        coder(&acknowledgmentNumber)
        coder(&window)
        coder(&identification)
        coder(&usualIdentification)
        coder(&quiet)
        coder(&mayAnswer)
        coder(&hasNextNumber)
        coder(&hasAcknowledgedNumber)
        coder(&isAfterFINOnly)
        coder(&unacknowledged)
        coder(&lifeSigns)
        coder.frame(&lifeFrame)
        coder(&receiverLife)
        coder(&others)
        coder(&oddOthers)
    }
}

extension RareFacts.Reset.Form {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        let all: [Self] = [.stateless, .live, .refusal]
        var number = all.firstIndex(of: self) ?? 0
        coder(&number)
        guard all.indices.contains(number) else { return coder.fail() }
        self = all[number]
    }
}

extension RareFacts.IgnoredResets {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&count)
        if count == 0 { return }
        coder.frame(&frame)
        coder(&time)
        coder(&sender)
        coder.frame(&challengeFrame)
        coder(&hasGoneOn)
        coder(&timeToLive)
        coder(&usualTimeToLive)
        coder(&sequenceNumber)
        coder(&hasOtherNumbers)
    }
}

extension RareFacts.ClosedByReset {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&end)
        if end > 1 { coder.fail() }
        coder.frame(&resetFrame)
        coder(&token)
        coder(&state)
        coder(&grade)
        coder(&since)
        coder.frame(&sinceFrame)
    }
}

extension RareFacts.Stalls {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&count)
        coder(&total)
        coder(&longest)
        coder.frame(&frame)
    }
}

extension RareFacts.AckCrossingReset {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&peerPackets)
        coder(&token)
        coder(&acknowledged)
        coder(&answers)
        coder(&end)
        if end > 1 { coder.fail() }
    }
}

extension RareFacts.FirstAnswer {
    fileprivate static var blank: Self {
        let zero = Timestamp(nanoseconds: 0)
        return Self(end: 0, sequenceNumber: SequenceNumber(0), time: zero, lastSent: zero)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&end)
        coder(&token)
        coder.frame(&frame)
        coder(&acknowledged)
        coder(&sequenceNumber)
        coder(&time)
        coder(&lastSent)
        if end > 1 { coder.fail() }
    }
}

extension RareFacts.FarFIN {
    fileprivate static var blank: Self {
        Self(end: 0, number: SequenceNumber(0), time: Timestamp(nanoseconds: 0), frame: 0)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&end)
        coder(&number)
        coder(&time)
        coder.frame(&frame)
        if end > 1 { coder.fail() }
    }
}

extension RareFacts.Unseen {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&count)
        coder(&time)
        coder.frame(&frame)
    }
}

extension RareFacts.ICMP {
    fileprivate static var blank: Self {
        let error = ICMPError(family: .ipv4, type: 0, code: 0, reporter: Address(high: 0, low: 0))
        return Self(error: error, quoted: .low, frame: 0, count: 0)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        var isIPv6 = error.family == .ipv6
        coder(&isIPv6)
        error.family = isIPv6 ? .ipv6 : .ipv4
        coder(&error.type)
        coder(&error.code)
        coder(&error.reporter)
        coder(&error.nextHopMTU)
        coder(&quoted)
        coder.frame(&frame)
        coder(&count)
    }
}

extension RareFacts.OtherSYNACK {
    fileprivate static var blank: Self {
        Self(frame: 0, sequenceNumber: SequenceNumber(0), timeToLive: 0, delay: 0)
    }

    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder.frame(&frame)
        coder(&sequenceNumber)
        coder(&timeToLive)
        coder(&delay)
    }
}

extension RareFacts.Repeated {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&count)
        coder(&length)
        coder(&start)
        coder(&shortened)
    }
}
