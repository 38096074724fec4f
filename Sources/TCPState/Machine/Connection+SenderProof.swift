public import Wire

extension Connection {
    /// Takes what `sender` proves about itself by sending `segment` (which is not a RST): first about
    /// what had reached it, then about what it does.
    @inlinable
    mutating func proveSender<Observer: TransitionObserver>(
        _ segment: Segment, by sender: Side, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let s = sender.rawValue
        let undelivered = resolvePending(by: segment, s, at: time, &context)
        if segment.flags.contains(.syn) {
            proveSYN(segment, s, at: time, frame: frame, &context)
        } else {
            if anomalies.contains(.midStream), segment.flags.contains(.ack) {
                pickUpMidStream(s, at: time, frame: frame, &context)
            }
            if segment.sequenceNumber > ends[s].sendNext, segment.length == 0 {
                noteNumberAhead(segment, s, at: time, &context)
            }
            proveReceipt(segment, s, at: time, frame: frame, &context)
            if segment.flags.contains(.fin) {
                proveFIN(segment, s, at: time, frame: frame, &context)
            }
        }
        if let undelivered {
            let isIgnored = redeliverUnreceived(
                undelivered, s, sentAt: time, within: returnTime(of: segment, s), &context)
            if isIgnored, segment.flags.isSuperset(of: [.syn, .ack]) {
                anomalies.insert(.handshakeIgnored)
            }
        }
    }

    @inlinable
    mutating func proveSYN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let answers = segment.flags.contains(.ack)
        if ends[s].state == .closed, ends[s].hasSentSYN,
            segment.sequenceNumber == ends[s].initialSendSequence
        {
            // A late copy of what began a connection that is over.
            return
        }
        if answers {
            // Kept in doubt until it shows that it holds something: see `withdrawCookie`.
            let cause = echoedFirstCopy(segment, s)
            inferTransition(
                s, on: .sentSYNACK, grade: .proved,
                moment: cause == nil ? .beforeSending : .onArrival,
                seen: cause ?? (ends[s].hasSentSYN ? ends[s].lastNew : time),
                notBefore: cause ?? (ends[1 - s].hasSentSYN ? firstSeen : nil), notAfter: time,
                frame: frame, &context)
        } else if !recallSYN(segment, s, at: time, frame: frame, &context) {
            transition(
                s, on: .sentSYN, grade: .proved, moment: .beforeSending, seen: time,
                notBefore: nil, notAfter: time, frame: frame, &context)
            crossSYN(s, at: time, &context)
        }
        if answers, ends[1 - s].state == .unknown {
            // Somebody sent the SYN that this answers.
            transition(
                1 - s, on: .sentSYN, grade: .assumed, moment: .atTap, seen: time, notBefore: nil,
                notAfter: time, frame: frame, &context)
        }
    }

    /// An acknowledgment of a connection that begins without a SYN: both ends have been talking before the
    /// capture shows them.
    @inlinable
    mutating func pickUpMidStream<Observer: TransitionObserver>(
        _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        for end in [s, 1 - s] where ends[end].state == .unknown {
            ends[end].presumedToken = transition(
                end, on: .presumed, grade: .assumed, moment: .atTap, seen: time, notBefore: nil,
                notAfter: time, frame: frame, &context)
            ends[end].seen.insert(.presumed)
        }
    }

    /// What must have reached the sender for it to acknowledge what it does.
    @inlinable @inline(__always)
    mutating func proveReceipt<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.ack) else { return }
        let isPeerUnseen = !ends[1 - s].hasSent
        let earliest = ends[s].since
        if ends[s].state == .synSent, isPeerUnseen || ends[1 - s].hasSentSYN {
            if showsSYN(segment, s) {
                proveCrossedSYN(s, answeredSince: earliest, at: time, &context)
            } else {
                proveArrival(.receivedSYNACK, segment, s, at: time, frame: frame, &context)
            }
            if isPeerUnseen { proveUnseenAnswer(1 - s, at: time, frame: frame, &context) }
        }
        if ends[s].state == .synReceived, !maySendInSynReceived(s) {
            transition(
                s, on: .receivedACKofSYN, grade: .proved, moment: .beforeSending, seen: time,
                notBefore: earliest, notAfter: time, frame: frame, &context)
            if isPeerUnseen {
                // Whoever completed the handshake is not in the capture, but was established by it.
                transition(
                    1 - s, on: .receivedSYNACK, grade: .assumed, moment: .atTap, seen: time,
                    notBefore: earliest, notAfter: time, frame: frame, &context)
            }
        }
        if rareFactsSlot != 0 { believeFarFIN(acknowledgedBy: segment, s, &context) }
        if acknowledgesFIN(segment, s) {
            recallHalfClose(segment, s, at: time, &context)
            let state = ends[s].state
            let token = proveFINArrival(segment, s, at: time, frame: frame, &context)
            noteFirstAnswer(
                segment, s, from: state, token, in: ends[s].sinceFrame, at: time, &context)
        }
    }

    /// Whether the segment acknowledges its receiver's FIN.
    @inlinable @inline(__always)
    mutating func acknowledgesFIN(_ segment: Segment, _ s: Int) -> Bool {
        ends[1 - s].hasSentFIN && segment.flags.contains(.ack)
            && segment.acknowledgmentNumber >= ends[1 - s].finEnd
            && segment.acknowledgmentNumber <= ends[1 - s].sendNext
    }

    /// The sender acknowledges its peer's FIN.
    @inlinable
    @discardableResult
    mutating func proveFINArrival<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) -> UInt32 {
        if ends[s].state == .finWait1, !ends[1 - s].seen.contains(.sentFINFirst) {
            // Every copy of the peer's FIN acknowledges this end's: RFC 9293, section 3.10.7.4, checks
            // the ACK before the FIN.
            proveArrival(.receivedACKofFIN, segment, s, at: time, frame: frame, &context)
        }
        let later = recallACKBehindFIN(s, at: time, &context)
        let token = proveArrival(.receivedFIN, segment, s, at: time, frame: frame, &context)
        if let later {
            inferTransition(
                s, on: .receivedACKofFIN, seen: later.seen, notBefore: later.notBefore,
                frame: later.frame, &context)
        }
        return token
    }

    /// Takes back that the acknowledgment of this end's FIN came before the peer's FIN, where all copies of that FIN
    /// went past the tap before it, and not all of them acknowledge this end's themselves: a path keeps the order as a rule.
    /// Returns what was taken back.
    ///
    /// This end's own FIN, which does not acknowledge the peer's, had shown that it was not there yet.
    @inlinable
    mutating func recallACKBehindFIN<Observer: TransitionObserver>(
        _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) -> Pending? {
        guard ends[s].state == .finWait2, pendingCount[s] > 0,
            ends[1 - s].seen.contains(.sentFINFirst)
        else { return nil }
        let last = Int(pendingCount[s]) - 1
        let pending = context.pool[ends[s].pendingFirst, last]
        guard pending.event == .receivedACKofFIN,
            ends[1 - s].lastControlCopy(before: time) < pending.seen
        else { return nil }
        withdraw(s, from: last, &context)
        return pending
    }

    /// An end that the capture does not show has answered the SYN, or its peer would not acknowledge that;
    /// this acknowledgment is on its way to it.
    @inlinable
    mutating func proveUnseenAnswer<Observer: TransitionObserver>(
        _ end: Int, at time: Timestamp, frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        guard ends[end].state == .unknown else { return }
        transition(
            end, on: .sentSYNACK, grade: .proved, moment: .beforeSending, seen: time,
            notBefore: firstSeen, notAfter: time, frame: frame, &context)
        inferTransition(
            end, on: .receivedACKofSYN, seen: time, notBefore: time, frame: frame, &context)
    }

    /// What the sender acknowledges has arrived: a copy of its peer's latest SYN,ACK or FIN. Which one, an
    /// echoed timestamp may tell; else not later than the last copy took. Where the capture shows no copy, it was before this
    /// segment.
    @inlinable
    @discardableResult
    mutating func proveArrival<Observer: TransitionObserver>(
        _ event: Event, _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) -> UInt32 {
        let earliest = ends[s].since
        guard ends[1 - s].hasSent else {
            return transition(
                s, on: event, grade: .proved, moment: .beforeSending, seen: time,
                notBefore: earliest, notAfter: time, frame: frame, &context)
        }
        if let cause = echoedFirstCopy(segment, s) {
            return transition(
                s, on: event, grade: .proved, moment: .onArrival, seen: cause, notBefore: cause,
                notAfter: time, frame: frame, &context)
        }
        let latest = ends[1 - s].lastControlCopy(before: time)
        let arrival = latest + ends[s].flightTime
        return transition(
            s, on: event, grade: .proved, moment: arrival < time ? .onArrival : .beforeSending,
            seen: arrival < time ? latest : time, notBefore: min(earliest, latest),
            notAfter: min(time, arrival + Endpoint.queueing), frame: frame, &context)
    }

    /// A connection that was half-closed before the capture began looks established. But Linux delays
    /// the acknowledgment of a FIN by 40 ms at least where it moves to CLOSE-WAIT (`tcp_fin` enters
    /// ping-pong mode) and sends it at once where it moves from FIN-WAIT-2 to TIME-WAIT: a bare
    /// acknowledgment that comes sooner, from an end that has sent no payload, tells the second. Not so where it
    /// acknowledges data as well: those of a transfer are acknowledged at once (`__tcp_ack_snd_check`); nor where none are
    /// known to have come before: then the delay may still be 0 (`tcp_send_delayed_ack`).
    @inlinable
    mutating func recallHalfClose<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        let peer = ends[1 - s]
        guard anomalies.contains(.midStream), context.profile.delayedACK > 0, ends[s].payload == 0,
            segment.length == 0, ends[s].state == .established || ends[s].state == .closeWait,
            pendingCount[s] == 0, peer.state == .finWait1, pendingCount[1 - s] == 0,
            ends[s].seen.contains(.presumed), peer.seen.contains(.presumed),
            peer.payload > 0, peer.isAcknowledged, peer.sendUnacknowledged + 1 == peer.finEnd,
            time - peer.lastNew < context.profile.delayedACK / 4 * 3
        else { return }
        ends[s].seen.remove(.presumed)
        ends[1 - s].seen.remove(.presumed)
        context.observer.amend(ends[s].presumedToken, to: .finWait2)
        context.observer.amend(ends[1 - s].presumedToken, to: .closeWait)
        ends[s].state = ends[s].state == .closeWait ? .timeWait : .finWait2
        ends[1 - s].state = .lastAck
        if firstCloser == Side(rawValue: 1 - s) { firstCloser = Side(rawValue: s) }
    }

    /// Whether an end in SYN-RECEIVED is a whole socket, which can send: a fast-open server (RFC 7413),
    /// and either end of a simultaneous open.
    @inlinable @_addressableSelf
    func maySendInSynReceived(_ s: Int) -> Bool {
        ends[1 - s].seen.contains(.fastOpen) || anomalies.contains(.simultaneousOpen)
    }

    @inlinable
    mutating func proveFIN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let isCopy =
            ends[s].hasSentFIN && ends[s].isCopy(segment, heard: ends[1 - s].lastSent, at: time)
        if !isCopy, ends[s].finCount < .max { ends[s].finCount += 1 }
        if !ends[1 - s].hasSentFIN || segment.acknowledgmentNumber < ends[1 - s].finEnd {
            ends[s].seen.insert(.sentFINFirst)
        }
        guard !ends[s].hasSentFIN else { return }
        guard isAcceptable(segment, at: 1 - s) else {
            noteFarFIN(segment, s, at: time, frame: frame, &context)
            return
        }
        ends[s].finEnd = segment.endSequenceNumber
        ends[s].seen.insert(.fin)
        ends[s].noteFirstCopy(segment, at: time)
        if firstCloser == nil { firstCloser = Side(rawValue: s) }
        if proveUnseenFIN(s, frame: frame, &context) { return }
        // A program may close while data still waits in the send queue; and a FIN that was lost
        // before the tap was sent at any time after the last segment that carried none.
        let busy = ends[s].isBusy(sinceHeard: ends[1 - s].lastSent, at: time)
        let earliest = busy ? min(ends[s].busySince, ends[s].lastSent) : ends[s].lastSent
        // Programs write and then close: a FIN that waited behind a closed window waited from the start.
        let blocked = busy && ends[1 - s].zeroWindowSince >= ends[s].busySince
        // Where the peer is not in the capture, its FIN may have come before.
        transition(
            s, on: .sentFIN, grade: ends[1 - s].hasSent ? .proved : .inferred,
            moment: .beforeSending, seen: blocked ? ends[1 - s].zeroWindowSince : time,
            notBefore: ends[s].hasSent ? earliest : nil, notAfter: time, frame: frame, &context)
        if ends[s].state == .finWait1, ends[1 - s].state == .finWait1 {
            anomalies.insert(.simultaneousClose)
        }
    }
}
