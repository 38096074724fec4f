public import Wire

extension Connection {
    /// Changes what is noted of this connection.
    @inlinable
    mutating func updateRareFacts<Observer: TransitionObserver>(
        _ context: inout MachineContext<Observer>, _ change: (inout RareFacts) -> Void
    ) {
        if rareFactsSlot == 0 { rareFactsSlot = context.rareFacts.allocate() }
        change(&context.rareFacts[rareFactsSlot])
    }

    /// Notes that the connection's SYN came while the other end's old socket was in a state.
    @inlinable
    public mutating func noteSupersededPeer<Observer: TransitionObserver>(
        _ state: State, _ context: inout MachineContext<Observer>
    ) {
        updateRareFacts(&context) { $0.supersededPeerState = state }
    }

    /// Notes the silence that a segment ends by which its sender, waiting for an answer, gives up.
    @inlinable
    mutating func noteGivenUp<Observer: TransitionObserver>(
        _ segment: Segment, frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.fin), segment.payloadLength == 0, let gap = gaps.latest,
            gap.frame == frame, gap.isWaiting
        else { return }
        updateRareFacts(&context) { if $0.givenUp == nil { $0.givenUp = gap } }
    }

    /// Notes what a segment that is no RST says about the RSTs before it, of a connection that has notes.
    @inlinable
    mutating func noteAfterReset<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        if let reset = context.keptRareFacts(of: self)?.rareFacts.reset {
            let isLate = time - reset.time > max(10_000_000, ends[sender.rawValue].flightTime)
            updateRareFacts(&context) { rareFacts in
                if reset.sender == sender, reset.laterFrame == nil, segment.payloadLength > 0,
                    segment.endSequenceNumber > reset.sequenceNumber
                {
                    rareFacts.reset?.laterFrame = frame
                }
                guard isLate else { return }
                if reset.sender == sender {
                    if reset.lifeFrame == nil { rareFacts.reset?.lifeFrame = frame }
                    if reset.lifeSigns < .max { rareFacts.reset?.lifeSigns += 1 }
                } else if reset.receiverLife < .max {
                    rareFacts.reset?.receiverLife += 1
                }
            }
        }
        revive(sender.rawValue, by: segment, &context)
        guard let ignored = context.keptRareFacts(of: self)?.rareFacts.ignored, ignored.count > 0
        else {
            return
        }
        let acknowledgesMore =
            segment.flags.contains(.ack)
            && segment.acknowledgmentNumber > ends[sender.peer.rawValue].sendUnacknowledged
        if sender == ignored.sender, segment.payloadLength > 0 || acknowledgesMore,
            !ignored.hasGoneOn
        {
            updateRareFacts(&context) { $0.ignored.hasGoneOn = true }
        }
        if sender != ignored.sender, segment.length == 0, !acknowledgesMore,
            ignored.challengeFrame == nil, !ignored.hasGoneOn
        {
            updateRareFacts(&context) { $0.ignored.challengeFrame = frame }
        }
    }

    /// An end that sends data again, a while after a RST in its name, still has its socket: the RST was sent
    /// by another program or device, its own host's firewall for instance. Only where nothing has moved it since.
    @inlinable @inline(never)
    mutating func revive<Observer: TransitionObserver>(
        _ s: Int, by segment: Segment, _ context: inout MachineContext<Observer>
    ) {
        guard ends[s].state == .closed, segment.payloadLength > 0,
            segment.endSequenceNumber <= ends[s].sendNext,
            let kept = context.keptRareFacts(of: self), let before = kept.rareFacts.closedByReset,
            Int(before.end) == s, ends[s].sinceFrame == before.resetFrame,
            let reset = kept.rareFacts.reset, reset.sender.rawValue == s, reset.lifeSigns >= 2
        else { return }
        context.observer.withdraw(before.token)
        ends[s].state = before.state
        ends[s].grade = before.grade
        ends[s].since = before.since
        ends[s].sinceFrame = before.sinceFrame
        updateRareFacts(&context) { ($0.ackCrossingReset, $0.closedByReset) = (nil, nil) }
    }

    /// Notes when an end closes its window and opens it again. `before` is the end before the segment.
    @inlinable
    mutating func noteWindow<Observer: TransitionObserver>(
        wasClosed: Bool, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let isClosed = ends[s].seen.contains(.zeroWindow)
        guard wasClosed != isClosed else { return }
        let duration = max(0, time - ends[s].zeroWindowSince)
        updateRareFacts(&context) { rareFacts in
            if rareFacts.stalls[s].frame == nil { rareFacts.stalls[s].frame = frame }
            guard wasClosed else { return }
            if rareFacts.stalls[s].count < .max { rareFacts.stalls[s].count += 1 }
            rareFacts.stalls[s].total += duration
            rareFacts.stalls[s].longest = max(rareFacts.stalls[s].longest, duration)
        }
    }

    /// Notes how far apart keepalive probes are.
    @inlinable
    mutating func noteProbe<Observer: TransitionObserver>(
        _ s: Int, before: UInt16, lastSent: Timestamp, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        guard before > 0, ends[s].unansweredKeepalives > before else { return }
        updateRareFacts(&context) { $0.probeInterval = max(0, time - lastSent) }
    }

    /// Notes a RST before it is counted.
    @inlinable
    mutating func noteReset<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ r: Int, isAccepted: Bool, at time: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        guard ends[r].state != .closed, ends[r].state != .unknown else { return }
        let sender = Side(rawValue: s)!
        let usualTimeToLive = ends[s].timeToLive
        guard isAccepted else {
            updateRareFacts(&context) { rareFacts in
                if rareFacts.ignored.count == 0 {
                    rareFacts.ignored.frame = frame
                    rareFacts.ignored.time = time
                    rareFacts.ignored.sender = sender
                    rareFacts.ignored.timeToLive = segment.timeToLive
                    rareFacts.ignored.usualTimeToLive = usualTimeToLive
                    rareFacts.ignored.sequenceNumber = segment.sequenceNumber
                } else if segment.sequenceNumber != rareFacts.ignored.sequenceNumber {
                    rareFacts.ignored.hasOtherNumbers = true
                }
                if rareFacts.ignored.count < .max { rareFacts.ignored.count += 1 }
            }
            if let first = context.keptRareFacts(of: self)?.rareFacts.reset {
                noteAnother(segment, s, after: first, &context)
            }
            return
        }
        if let first = context.keptRareFacts(of: self)?.rareFacts.reset {
            noteAnother(segment, s, after: first, &context)
            return
        }
        let reset = describe(segment, s, r, at: time, frame: frame)
        updateRareFacts(&context) { $0.reset = reset }
    }

    /// What a RST of end `s` looks like, before it is counted.
    @usableFromInline @_addressableSelf
    func describe(
        _ segment: Segment, _ s: Int, _ r: Int, at time: Timestamp, frame: UInt64
    ) -> RareFacts.Reset {
        let isAfterData = ends[r].sendNext > ends[r].sendUnacknowledged
        let unanswered = isAfterData ? ends[r].unacknowledgedSince : ends[r].lastSent
        return RareFacts.Reset(
            frame: frame, time: time, sender: Side(rawValue: s)!, form: form(of: segment),
            sequenceNumber: segment.sequenceNumber, senderState: ends[s].state,
            receiverState: ends[r].state,
            silence: ends[s].hasSent ? max(0, unanswered - ends[s].lastSent) : 0,
            delay: ends[r].hasSent ? max(0, time - ends[r].lastSent) : 0,
            isAfterData: isAfterData, isAfterProbe: ends[r].unansweredKeepalives > 0,
            finAge: ends[s].hasSentFIN ? time - ends[s].controlSeen : nil,
            isFINAcknowledged: ends[s].isFINAcknowledged,
            hardwareSource: segment.hardwareSource, timeToLive: segment.timeToLive,
            usualTimeToLive: ends[s].hasSent ? ends[s].timeToLive : segment.timeToLive,
            flags: segment.flags, acknowledgmentNumber: segment.acknowledgmentNumber,
            window: segment.window, identification: segment.identification,
            usualIdentification: ends[s].identification,
            quiet: ends[s].hasSent ? max(0, time - ends[s].lastSent) : 0,
            mayAnswer: ends[r].hasSent
                && (!ends[s].hasSent || ends[r].lastSent >= ends[s].lastSent),
            hasNextNumber: ends[s].hasSent && segment.sequenceNumber == ends[s].sendNext,
            hasAcknowledgedNumber: ends[s].isAcknowledged
                && segment.sequenceNumber == ends[s].sendUnacknowledged,
            isAfterFINOnly: isAfterData && ends[r].hasSentFIN
                && ends[r].sendNext == ends[r].sendUnacknowledged + 1,
            unacknowledged: ends[r].unacknowledgedBytes)
    }

    /// Notes a RST after the one that ended the connection.
    @usableFromInline
    mutating func noteAnother<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, after first: RareFacts.Reset,
        _ context: inout MachineContext<Observer>
    ) {
        guard first.sender.rawValue == s else {
            updateRareFacts(&context) { $0.reset?.isMutual = true }
            return
        }
        // One host counts its identifications on, or leaves them 0, and has one time to live.
        let step = Int16(bitPattern: segment.identification &- first.identification)
        let isCopy =
            segment.identification == first.identification
            && segment.sequenceNumber == first.sequenceNumber
        let answers = ends[1 - s].lastSent > first.time
        let isOdd =
            !isCopy && !answers
            && (segment.timeToLive != first.timeToLive
                || segment.sequenceNumber != first.sequenceNumber
                || step < 0 || step > 64)
        updateRareFacts(&context) { rareFacts in
            guard var reset = rareFacts.reset else { return }
            if reset.others < .max { reset.others += 1 }
            if isOdd, reset.oddOthers < .max { reset.oddOthers += 1 }
            rareFacts.reset = reset
        }
    }

    /// Notes an ICMP error that quotes what an end sent.
    @usableFromInline
    mutating func noteICMP<Observer: TransitionObserver>(
        _ error: ICMPError, to side: Side, frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        updateRareFacts(&context) { rareFacts in
            let first =
                rareFacts.icmp ?? RareFacts.ICMP(error: error, quoted: side, frame: frame, count: 0)
            rareFacts.icmp = first
            if first.count < .max { rareFacts.icmp?.count += 1 }
        }
    }

    /// Notes a SYN that differs from the end's first one: a SYN,ACK with another number, or a repetition
    /// that asks for less.
    @usableFromInline
    mutating func noteOtherSYN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard ends[s].hasSentSYN, ends[s].first.flags.contains(.syn) else { return }
        let first = ends[s].first
        if segment.flags.contains(.ack) {
            guard segment.sequenceNumber != ends[s].initialSendSequence, first.flags.contains(.ack),
                context.keptRareFacts(of: self)?.rareFacts.otherSYNACK == nil
            else { return }
            let other = RareFacts.OtherSYNACK(
                frame: frame, sequenceNumber: segment.sequenceNumber,
                timeToLive: segment.timeToLive, delay: max(0, time - first.time))
            updateRareFacts(&context) { $0.otherSYNACK = other }
        } else if segment.flags != first.flags || segment.options.present != first.options
            || (ends[s].seen.contains(.fastOpen) && segment.payloadLength == 0)
            || ends[1 - s].hasSentSYN
        {
            let later = FirstSegment(segment, at: time)
            updateRareFacts(&context) { $0.laterSYN = later }
        }
    }

    /// Notes the longest segment that is repeated while nothing is acknowledged: one of an end that has repeated
    /// itself at least twice.
    @inlinable
    mutating func noteRepeated<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) {
        guard segment.payloadLength > 1, ends[s].lastNew < ends[s].lastSent else { return }
        let length = segment.payloadLength
        let isFirst = ends[s].unansweredRetransmissions == 2
        let isFromFirst = segment.sequenceNumber == ends[s].sendUnacknowledged
        updateRareFacts(&context) { rareFacts in
            if isFirst, rareFacts.repeated[s].shortened == 0 {
                rareFacts.repeated[s] = RareFacts.Repeated()
            }
            let longest = rareFacts.repeated[s].length
            if length > longest || (length == longest && isFromFirst) {
                rareFacts.repeated[s].length = length
                rareFacts.repeated[s].start = segment.sequenceNumber
            } else if length < longest,
                segment.sequenceNumber == rareFacts.repeated[s].start
            {
                rareFacts.repeated[s].shortened = length
            }
            if rareFacts.repeated[s].count < .max { rareFacts.repeated[s].count += 1 }
        }
    }

    private func form(of segment: Segment) -> RareFacts.Reset.Form {
        if !segment.flags.contains(.ack) { return .stateless }
        return segment.sequenceNumber.rawValue == 0 ? .refusal : .live
    }
}
