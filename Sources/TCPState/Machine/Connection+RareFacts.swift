public import Wire

extension Connection {
    /// From how long on a silence is noted, in nanoseconds.
    @usableFromInline static var noteworthySilence: Int64 { 1_000_000_000 }

    /// Changes what is noted of this connection.
    @inlinable
    mutating func note<Observer: TransitionObserver>(
        _ context: inout MachineContext<Observer>, _ change: (inout RareFacts) -> Void
    ) {
        if rareFactsSlot == 0 { rareFactsSlot = context.rareFacts.take() }
        change(&context.rareFacts[rareFactsSlot])
    }

    /// Notes that the connection's SYN came while the other end's old socket was in a state.
    @inlinable
    public mutating func noteSupersededPeer<Observer: TransitionObserver>(
        _ state: State, _ context: inout MachineContext<Observer>
    ) {
        note(&context) { $0.supersededPeerState = state }
    }

    /// Notes a silence that the segment ends. One that nothing has answered yet stays the latest: what
    /// comes after it are repetitions.
    @inlinable
    mutating func noteSilence<Observer: TransitionObserver>(
        from sender: Side, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let start = lastSeen
        guard time - start >= Connection.noteworthySilence, ends[0].state.isSynchronized,
            ends[1].state.isSynchronized
        else { return }
        if let gap = context.keptRareFacts(of: self)?.gap {
            guard ends[gap.breaker.peer.rawValue].lastSent > gap.end else { return }
            note(&context) { $0.survivedGap = max($0.survivedGap, gap.length) }
        }
        note(&context) {
            $0.gap = RareFacts.Gap(start: start, end: time, frame: frame, breaker: sender)
        }
    }

    /// Notes what a segment that is no RST says about the RSTs before it.
    @inlinable
    mutating func noteAfterReset<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard rareFactsSlot != 0, let rareFacts = context.keptRareFacts(of: self) else { return }
        if let reset = rareFacts.reset, reset.sender == sender, reset.laterFrame == nil,
            segment.payloadLength > 0, segment.endSequenceNumber > reset.sequenceNumber
        {
            note(&context) { $0.reset?.laterFrame = frame }
        }
        guard rareFacts.ignored.count > 0 else { return }
        let acknowledgesMore =
            segment.flags.contains(.ack)
            && segment.acknowledgmentNumber > ends[sender.peer.rawValue].sendUnacknowledged
        if sender == rareFacts.ignored.sender, segment.payloadLength > 0 || acknowledgesMore,
            !rareFacts.ignored.hasGoneOn
        {
            note(&context) { $0.ignored.hasGoneOn = true }
        }
        if sender != rareFacts.ignored.sender, segment.length == 0, !acknowledgesMore,
            rareFacts.ignored.challengeFrame == nil, !rareFacts.ignored.hasGoneOn
        {
            note(&context) { $0.ignored.challengeFrame = frame }
        }
    }

    /// Notes when an end closes its window and opens it again. `before` is the end before the segment.
    @inlinable
    mutating func noteWindow<Observer: TransitionObserver>(
        wasClosed: Bool, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let isClosed = ends[s].seen.contains(.zeroWindow)
        guard wasClosed != isClosed else { return }
        let length = max(0, time - ends[s].zeroWindowSince)
        note(&context) { rareFacts in
            if rareFacts.stalls[s].frame == nil { rareFacts.stalls[s].frame = frame }
            guard wasClosed else { return }
            if rareFacts.stalls[s].count < .max { rareFacts.stalls[s].count += 1 }
            rareFacts.stalls[s].total += length
            rareFacts.stalls[s].longest = max(rareFacts.stalls[s].longest, length)
        }
    }

    /// Notes how far apart keepalive probes are.
    @inlinable
    mutating func noteProbe<Observer: TransitionObserver>(
        _ s: Int, before: UInt16, lastSent: Timestamp, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        guard before > 0, ends[s].unansweredKeepalives > before else { return }
        note(&context) { $0.probeInterval = max(0, time - lastSent) }
    }

    /// Notes a RST before it is counted.
    @inlinable
    mutating func noteReset<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ r: Int, isAccepted: Bool, at time: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        guard ends[r].state != .closed, ends[r].state != .unknown else { return }
        let sender = Side(rawValue: s)!
        guard isAccepted else {
            note(&context) { rareFacts in
                if rareFacts.ignored.count == 0 {
                    rareFacts.ignored.frame = frame
                    rareFacts.ignored.time = time
                    rareFacts.ignored.sender = sender
                }
                if rareFacts.ignored.count < .max { rareFacts.ignored.count += 1 }
            }
            return
        }
        if let first = context.keptRareFacts(of: self)?.reset {
            if first.sender != sender { note(&context) { $0.reset?.isMutual = true } }
            return
        }
        let reset = describe(segment, s, r, at: time, frame: frame)
        note(&context) { $0.reset = reset }
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
            isFINAcknowledged: ends[s].isFINAcknowledged, timeToLive: segment.timeToLive,
            usualTimeToLive: ends[s].hasSent ? ends[s].timeToLive : segment.timeToLive)
    }

    private func form(of segment: Segment) -> RareFacts.Reset.Form {
        if !segment.flags.contains(.ack) { return .stateless }
        return segment.sequenceNumber.rawValue == 0 ? .refusal : .live
    }
}
