public import Wire

extension Connection {
    /// Takes a RST. RFC 9293, sections 3.5.2 and 3.10.7; RFC 5961, section 3.
    @inlinable
    mutating func receiveReset<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, to receiver: Side, at time: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        let s = sender.rawValue
        let r = receiver.rawValue
        // Before the RST is counted: an end that has sent nothing yet has no usual time to live.
        let isForeign = isForeign(segment, s)
        let undelivered = isForeign ? nil : resolvePending(by: segment, s, at: time, &context)
        reviseACKCrossingReset(segment, s, &context)
        let accepts = acceptsReset(
            segment, r, s, atFIN: context.profile.acceptsResetAtFIN)
        let silentBefore = ends[s].lastSent
        noteReset(segment, s, r, isAccepted: accepts, at: time, frame: frame, &context)

        let isAhead = !accepts && isAhead(segment, s)
        let isUnheard = isUnheard(s, at: time)
        countReset(segment, s, at: time)
        if isForeign {
            withdrawRefused(segment, s, &context)
        } else if isAhead {
            inferAbort(segment, s, at: time, silentBefore, frame: frame, &context)
        } else {
            if !isStatelessReset(segment), acknowledgesFIN(segment, s) {
                // It tells RCV.NXT of its sender (Linux 6.8, `tcp_send_active_reset`).
                proveFINArrival(segment, s, at: time, frame: frame, &context)
            }
            closeSender(segment, s, at: time, silentBefore, frame: frame, &context)
        }
        if let undelivered {
            redeliverUnreceived(
                undelivered, s, sentAt: time, within: ends[s].flightTime, &context)
        }
        guard accepts else {
            if ends[r].state != .closed { anomalies.insert(.invalidReset) }
            return
        }
        if ends[r].state != .closed, ends[r].state != .unknown {
            if resetBy == nil { resetBy = sender }
            if firstCloser == nil { firstCloser = sender }
        }
        guard !isUnheard, !repeatsInVain(s, to: r) else { return }
        inferTransition(r, on: .receivedRST, seen: time, notBefore: time, frame: frame, &context)
    }

    /// Whether RSTs of an end do not reach its peer: after two or more the peer still repeats what it sent.
    @inlinable @_addressableSelf
    func repeatsInVain(_ s: Int, to r: Int) -> Bool {
        ends[s].rstCount >= 3 && ends[r].unansweredRetransmissions >= 2
            && anomalies.contains(.lostAfterTap)
    }

    /// Whether another host sent the RST in the sender's name: it has come another way, by its time to live.
    @inlinable
    func isForeign(_ segment: Segment, _ s: Int) -> Bool {
        ends[s].hasSent && ends[s].state.isSynchronized
            && ends[s].timeToLive != segment.timeToLive
            && ends[s].first.timeToLive != segment.timeToLive
    }

    /// Whether the RST has a number beyond all that the sender has sent.
    @inlinable
    func isAhead(_ segment: Segment, _ s: Int) -> Bool {
        ends[s].hasSent && ends[s].state.isSynchronized
            && segment.sequenceNumber > ends[s].sendNext
    }

    /// A RST ahead of all that the tap has seen of its sender: what it sent before died on the way, or the
    /// RST is forged. Exactly one ahead, a FIN went before (ABORT after CLOSE: RFC 9293, section 3.10.5;
    /// Linux 6.8, `tcp_disconnect`, `tcp_need_reset`). Withdrawn when the sender goes on.
    @inlinable
    mutating func inferAbort<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, _ silentBefore: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        let ahead = segment.sequenceNumber.rawValue &- ends[s].sendNext.rawValue
        let window = ends[1 - s].scaledWindow(peerScales: ends[s].seen.contains(.windowScale))
        guard ahead <= max(window, 65_535) else { return }
        func inferTransition(_ event: Event, _ context: inout MachineContext<Observer>) {
            self.inferTransition(
                s, on: event, moment: .beforeSending, seen: time,
                notBefore: min(silentBefore, time), notAfter: time, frame: frame, &context)
            guard segment.options.present.contains(.timestamps), pendingCount[s] > 0 else { return }
            context.pool[ends[s].pendingFirst, Int(pendingCount[s]) - 1].timestamp =
                segment.options.timestampValue
        }
        if ahead == 1, !ends[s].hasSentFIN, !ends[s].isProbed(by: segment.sequenceNumber) {
            inferTransition(.sentFIN, &context)
        }
        inferTransition(.sentRST, &context)
    }

    /// Somebody on the way refuses a segment in the name of the end that it was for, by a RST with the
    /// number that the segment acknowledges: its FIN did not arrive.
    @inlinable
    mutating func withdrawRefused<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) {
        guard isStatelessReset(segment) else { return }
        for index in 0..<Int(pendingCount[s])
        where context.pool[ends[s].pendingFirst, index].event == .receivedFIN {
            return withdraw(s, from: index, &context)
        }
    }

    /// Whether the RST comes from a host that has no such socket: without ACK it takes its number from
    /// the acknowledgment that it answers, with ACK it has number 0. RFC 9293, section 3.5.2, group 1.
    @inlinable
    func isStatelessReset(_ segment: Segment) -> Bool {
        segment.flags.contains(.rst)
            && (!segment.flags.contains(.ack) || segment.sequenceNumber.rawValue == 0)
    }

    /// Counters only: a RST's numbers follow other rules and its payload is no data.
    @inlinable
    mutating func countReset(_ segment: Segment, _ s: Int, at time: Timestamp) {
        ends[s].packets &+= 1
        ends[s].bytes &+= UInt64(segment.packetLength)
        ends[s].lastSent = time
        if ends[s].rstCount < .max { ends[s].rstCount += 1 }
        if !ends[s].hasSent {
            // The number it was asked to use, not one of its own.
            ends[s].seen.insert(.sent)
            if !ends[s].isAcknowledged {
                ends[s].sendNext = segment.sequenceNumber
                ends[s].sendUnacknowledged = segment.sequenceNumber
                ends[s].seen.insert(.acknowledged)
            }
        }
    }

    /// An acknowledgment of the SYN or FIN may cross the RST that the same end sends: remembers it, since
    /// further RSTs may tell that it found no socket. Where data come with the acknowledgment of a FIN, a RST
    /// answers them in any case, and tells nothing: see ``refuses(_:_:_:)``.
    @inlinable
    mutating func noteACKCrossingReset<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ silentBefore: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        guard Int(pendingCount[s]) > 0 else { return }
        let pending = context.pool[ends[s].pendingFirst, Int(pendingCount[s]) - 1]
        guard pending.event == .receivedACKofFIN || pending.event == .receivedACKofSYN,
            pending.event == .receivedACKofSYN || !pending.hasPayload
                || missedRepetition(s, after: silentBefore, by: pending.seen)
        else { return }
        let ackCrossingReset = RareFacts.AckCrossingReset(
            end: s, token: pending.token, peerPackets: pending.peerPackets,
            acknowledged: pending.event == .receivedACKofFIN
                ? ends[s].finEnd : ends[s].initialSendSequence + 1,
            answers: isStatelessReset(segment) ? 1 : 0)
        updateRareFacts(&context) { $0.ackCrossingReset = ackCrossingReset }
    }

    /// RSTs without ACK answer one segment each. As many of them as the peer has sent segments other than RSTs since
    /// that acknowledgment, itself included, answer it as well: the socket was gone before it came.
    @inlinable
    mutating func reviseACKCrossingReset<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) {
        guard let ackCrossingReset = context.keptRareFacts(of: self)?.rareFacts.ackCrossingReset,
            Int(ackCrossingReset.end) == s,
            isStatelessReset(segment), segment.sequenceNumber == ackCrossingReset.acknowledged
        else { return }
        let answers = ackCrossingReset.answers &+ 1
        updateRareFacts(&context) { $0.ackCrossingReset?.answers = answers }
        // A RST is never answered.
        let others =
            Int64(bitPattern: ends[1 - s].packets &- ackCrossingReset.peerPackets)
            &- Int64(ends[1 - s].rstCount)
        guard others < Int64(answers) else { return }
        context.observer.withdraw(ackCrossingReset.token)
        // What the RST closed was not in the state that the acknowledgment had led to.
        updateRareFacts(&context) { ($0.ackCrossingReset, $0.closedByReset) = (nil, nil) }
    }

    /// A RST shows its sender without a socket, but for the two states that answer a bad ACK with a
    /// RST and stay (3.10.7.3, first; 3.10.7.4, fifth).
    @inlinable
    mutating func closeSender<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, _ silentBefore: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        let answersBadACK = !segment.flags.contains(.ack)
        if answersBadACK, ends[s].packets == 1, ends[s].seen.contains(.presumed) {
            // Only its peer's segments had told of a socket: there may have been none for long.
            context.observer.withdraw(ends[s].presumedToken)
            ends[s].seen.remove(.presumed)
            ends[s].state = .unknown
        }
        switch ends[s].state {
        case .unknown:
            let peer = ends[1 - s].state
            if peer == .synSent || peer == .closed && isStatelessReset(segment) {
                // Refused: there was no connection at this end, so nothing changes there.
                setState(.closed, s, grade: .proved, at: time, frame: frame)
            } else {
                transition(
                    s, on: .sentRST, grade: .proved, moment: .beforeSending, seen: time,
                    notBefore: nil, notAfter: time, frame: frame, &context)
            }
        case .synSent where answersBadACK && segment.sequenceNumber != ends[s].sendNext,
            .synReceived where answersBadACK && segment.sequenceNumber != ends[s].sendNext:
            break
        case .closed, .listen: break
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait:
            noteACKCrossingReset(segment, s, silentBefore, &context)
            let mayLive = ends[s].state == .established || ends[s].state == .closeWait
            var before = RareFacts.ClosedByReset(
                end: s, resetFrame: frame, token: 0, before: ends[s])
            before.token = transition(
                s, on: .sentRST, grade: .proved, moment: .beforeSending, seen: time,
                notBefore: min(silentBefore, time), notAfter: time, frame: frame, &context)
            if mayLive { updateRareFacts(&context) { $0.closedByReset = before } }
        }
    }

    /// Whether the receiver accepts the RST: RCV.NXT exactly, which lies between what it has
    /// acknowledged and what went past towards it. Where the last of that is still on its way again, all
    /// of it may be there before the RST; if not, a challenge ACK tells (RFC 5961, section 3.2).
    @inlinable @_addressableSelf
    func acceptsReset(_ segment: Segment, _ r: Int, _ s: Int, atFIN: Bool) -> Bool {
        let receiver = ends[r]
        let sequence = segment.sequenceNumber
        let isNext =
            sequence == receiver.receiveNext || sequence == ends[s].sendUnacknowledged
            || (ends[s].hasSent && sequence == ends[s].sendNext)
            || ends[s].isProbed(by: sequence)
        switch receiver.state {
        case .synSent:
            // 3.10.7.3: only if it acknowledges the SYN.
            return segment.flags.contains(.ack)
                && segment.acknowledgmentNumber > receiver.initialSendSequence
                && segment.acknowledgmentNumber <= receiver.sendNext
        case .synReceived:
            // Linux tcp_check_req: anywhere in the window kills a request.
            guard receiver.hasReceived else { return true }
            return sequence.isWithin(receiver.receiveNext, length: 65_536)
        case .established, .finWait1, .finWait2, .timeWait:
            return !receiver.hasReceived || isNext
        case .closeWait, .lastAck, .closing:
            // Linux tcp_reset_check: some stacks send the RST that follows their FIN with the FIN's
            // own sequence number.
            return !receiver.hasReceived || isNext
                || (atFIN && sequence == receiver.receiveNext - 1)
        case .unknown, .closed, .listen: return false
        }
    }
}
