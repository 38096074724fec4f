public import Wire

/// What a segment says about an inferred transition of the endpoint that sent it.
@usableFromInline
enum Confirmation {
    /// The endpoint had made the transition when it sent this.
    case happened
    /// It had not made it yet.
    case notYet
    /// The segment would look the same either way.
    case silent
}

// What is inferred of an end, judged by what it sends later.
extension Connection {
    /// Judges what was inferred about the sender by what it sends now. Returns what is still on its
    /// way to it, to be delivered after the segment's own effect.
    @inlinable
    mutating func resolvePending<Observer: TransitionObserver>(
        by segment: Segment, _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) -> DetachedPending? {
        guard Int(pendingCount[s]) > 0 else { return nil }
        return resolve(segment, s, at: time, &context)
    }

    @inlinable @inline(never)
    mutating func resolve<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) -> DetachedPending? {
        if anomalies.contains(.midStream) { recallEarlierSYN(segment, s, &context) }
        reorderRepeatedFIN(segment, s, &context)
        if isDirectAnswer(segment, s, &context) {
            withdraw(s, from: 0, &context)
            return nil
        }
        if context.pool[ends[s].pendingFirst, 0].event == .receivedSYNACK, showsSYN(segment, s) {
            let seen = context.pool[ends[s].pendingFirst, 0].seen
            withdraw(s, from: 0, &context)
            proveCrossedSYN(s, answeredSince: seen, at: time, &context)
            return nil
        }
        var proved = 0
        var refuted = Int(pendingCount[s])
        for index in 0..<Int(pendingCount[s]) {
            switch confirmation(
                on: context.pool[ends[s].pendingFirst, index], by: segment, s, at: time)
            {
            case .happened:
                proved = index + 1
                refuted = Int(pendingCount[s])
            case .notYet: refuted = min(refuted, index)
            case .silent: break
            }
        }
        for index in 0..<proved {
            let pending = context.pool[ends[s].pendingFirst, index]
            if pending.event == .receivedFIN {
                noteFirstAnswer(
                    segment, s, from: pending.from, pending.token, in: pending.frame, at: time,
                    &context)
            }
            if pending.event != .sentSYNACK {
                confirm(pending, by: segment, s, at: time, &context)
            }
        }
        if proved > 0 {
            if proved == Int(pendingCount[s]) { ends[s].grade = .proved }
            dropPending(s, first: proved, &context)
            if pendingCount[s] > 0 { context.pool[ends[s].pendingFirst, 0].priorGrade = .proved }
            refuted -= proved
        }
        guard refuted < Int(pendingCount[s]), !wasOvertaken(segment, s) else { return nil }
        let undelivered = context.pool.detach(ends[s].pendingFirst, refuted..<Int(pendingCount[s]))
        withdraw(s, from: refuted, &context)
        return undelivered
    }

    /// Whether the end sent the segment before its latest one: it tells nothing of what has come to it since.
    @inlinable @inline(never)
    mutating func wasOvertaken(_ segment: Segment, _ s: Int) -> Bool {
        ends[1 - s].refusesAsOld(segment)
    }

    /// Takes back that a SYN,ACK at the beginning of the capture answered a SYN from before it: its sender goes on, which takes
    /// an acknowledgment (RFC 9293, section 3.10.7.4), and the capture shows nothing of the peer. So it would not have
    /// shown the SYN either.
    @inlinable
    mutating func recallEarlierSYN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) {
        guard !ends[1 - s].hasSent, pendingCount[s] == 1, !segment.flags.contains(.syn) else {
            return
        }
        let pending = context.pool[ends[s].pendingFirst, 0]
        guard pending.event == .sentSYNACK, pending.from == .unknown else { return }
        anomalies.remove(.midStream)
        withdraw(s, from: 0, &context)
        inferTransition(
            s, on: .sentSYNACK, grade: .proved, moment: .beforeSending, seen: pending.seen,
            notBefore: nil, notAfter: pending.seen, frame: pending.frame, &context)
    }

    @inlinable
    mutating func confirm<Observer: TransitionObserver>(
        _ pending: Pending, by segment: Segment, _ s: Int, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        // Of a repeated segment the last copy may be the one that arrived; of acknowledgments the first.
        var seen = pending.event == .receivedACKofFIN ? pending.seen : pending.latest
        var earliest = pending.notBefore
        if pending.event == .receivedFIN || pending.event == .receivedSYNACK,
            let first = echoedFirstCopy(segment, s)
        {
            seen = first
            earliest = first
        }
        var latest = time
        if pending.event == .receivedFIN || pending.event == .receivedSYNACK {
            latest = min(latest, pending.latest + (ends[s].flightTime + Endpoint.queueing))
        }
        context.observer.confirm(pending.token, seen: seen, notBefore: earliest, notAfter: latest)
    }

    /// Delivers again what had not reached the sender when it sent its latest segment, as far as it
    /// may still be on its way; the rest was lost after it passed the tap. Returns whether an acknowledgment of the SYN
    /// was, too.
    @inlinable
    @discardableResult
    mutating func redeliverUnreceived<Observer: TransitionObserver>(
        _ undelivered: DetachedPending, _ s: Int, sentAt time: Timestamp,
        within returnTime: TimeSpan, _ context: inout MachineContext<Observer>
    ) -> Bool {
        defer { context.pool.give(undelivered) }
        var hasLostHandshake = false
        for index in 0..<undelivered.count {
            let pending = context.pool[undelivered.first, index]
            if pending.event.isOwnAct { continue }
            guard time - pending.latest <= returnTime else {
                anomalies.insert(.lostAfterTap)
                if pending.event == .receivedACKofSYN { hasLostHandshake = true }
                continue
            }
            if pending.event == .receivedFIN, ends[s].state == .synReceived {
                // The FIN's segment acknowledges the SYN as well, whatever became of earlier ones.
                inferTransition(
                    s, on: .receivedACKofSYN, seen: pending.latest,
                    notBefore: max(pending.notBefore, time - 2 * ends[s].delayToTap),
                    frame: pending.frame, &context)
            }
            // In SYN-RECEIVED, a SYN,ACK counts as the acknowledgment that it carries.
            let isACK = pending.event == .receivedSYNACK && ends[s].state == .synReceived
            let event = isACK ? .receivedACKofSYN : pending.event
            let moves = inferTransition(
                s, on: event, seen: pending.latest,
                notBefore: max(pending.notBefore, time - 2 * ends[s].delayToTap),
                frame: pending.frame,
                &context)
            if moves {
                noteCause(s, hasPayload: pending.hasPayload, timestamp: pending.timestamp, &context)
            }
        }
        return hasLostHandshake
    }

    /// For how long what went past towards an end may still be on its way when the end's segment comes. A
    /// bare acknowledgment that says what was said before answers something: if a RST has had the time to
    /// get there, the RST (a challenge ACK: RFC 5961, section 3.2).
    @inlinable
    mutating func returnTime(of segment: Segment, _ s: Int) -> TimeSpan {
        let repeatsACK =
            segment.length == 0 && segment.sequenceNumber == ends[s].sendNext
            && segment.acknowledgmentNumber == ends[1 - s].sendUnacknowledged
        return repeatsACK && ends[1 - s].state == .closed
            ? ends[s].roundTrip ?? ends[s].flightTime : ends[s].flightTime
    }

    /// Whether the segment brings data again that lie before the end's FIN, and was sent after the FIN: the
    /// end has not received the acknowledgment of all it had sent. RFC 9293, section 3.8.1.
    @inlinable
    mutating func repeatsBeforeFIN(
        _ segment: Segment, _ s: Int, since seen: Timestamp, at time: Timestamp
    ) -> Bool {
        guard segment.payloadLength > 0, segment.endSequenceNumber < ends[s].finEnd else {
            return false
        }
        if segment.options.present.contains(.timestamps), ends[s].controlTimestamp != 0 {
            return Int32(bitPattern: segment.options.timestampValue &- ends[s].controlTimestamp) > 0
        }
        return time - seen > ends[s].flightTime
            && !ends[s].isCopy(segment, heard: ends[1 - s].lastSent, at: time)
    }

    /// Whether a RST answers the very acknowledgment that was inferred to have arrived: without ACK, numbered
    /// by it, and nothing came after it. Then no socket was there (Linux 6.8, `tcp_v4_rcv`,
    /// `no_tcp_socket`): it had died without a word. An acknowledgment with data is another matter: it counts
    /// before its data are refused (`tcp_rcv_state_process`, FIN-WAIT-2 of an orphan); but not where the
    /// end has missed its next repetition before.
    @inlinable
    mutating func refuses(_ segment: Segment, _ pending: Pending, _ s: Int) -> Bool {
        isStatelessReset(segment)
            && (!pending.hasPayload
                || missedRepetition(s, after: ends[s].lastSent, by: pending.seen))
            && segment.sequenceNumber == ends[1 - s].receiveNext
            && pending.peerPackets == ends[1 - s].packets
    }

    /// Whether a segment acknowledges the new data that came with an acknowledgment, which counts before them: RFC 9293, section
    /// 3.10.7.4, fifth and seventh.
    @inlinable
    mutating func acknowledgesLatest(_ segment: Segment, _ pending: Pending, _ s: Int) -> Bool {
        pending.hasPayload && pending.peerPackets == ends[1 - s].packets
            && segment.flags.contains(.ack) && !isStatelessReset(segment)
            && segment.acknowledgmentNumber == ends[1 - s].sendNext
            && segment.acknowledgmentNumber > ends[1 - s].sendUnacknowledged
    }

    /// Whether a segment of an end in SYN-RECEIVED echoes the time stamp of the acknowledgment that was on its way to it: RFC
    /// 7323, section 4.3. Nil where that does not tell: without time stamps, where the acknowledgment has that of the SYN,
    /// and of an older echo after a simultaneous open, where the acknowledgment may lie left of the window (Linux 6.8,
    /// `tcp_validate_incoming` answers without looking at it).
    @inlinable
    mutating func echoesAnswer(_ segment: Segment, _ pending: Pending, _ s: Int) -> Bool? {
        guard segment.options.present.contains(.timestamps), let answer = pending.timestamp,
            answer != ends[1 - s].controlTimestamp
        else { return nil }
        let isEchoed = Int32(bitPattern: segment.options.timestampEcho &- answer) >= 0
        return !isEchoed && anomalies.contains(.simultaneousOpen) ? nil : isEchoed
    }

    @inlinable
    mutating func confirmation(
        on pending: Pending, by segment: Segment, _ s: Int, at time: Timestamp
    ) -> Confirmation {
        let flags = segment.flags
        switch pending.event {
        case .receivedSYN:
            return flags.contains(.ack) && !isStatelessReset(segment) ? .happened : .notYet
        case .receivedSYNACK:
            // Who sends a SYN,ACK is in SYN-RECEIVED.
            if isStatelessReset(segment) || flags.isSuperset(of: [.syn, .ack]) { return .notYet }
            return flags.contains(.ack)
                && segment.acknowledgmentNumber > ends[1 - s].initialSendSequence
                ? .happened : .notYet
        case .receivedACKofSYN:
            if flags.contains(.syn) || refuses(segment, pending, s) { return .notYet }
            if flags.contains(.rst) { return .silent }
            guard maySendInSynReceived(s) else { return .happened }
            // It has taken its peer's SYN,ACK as data that is there already, and the acknowledgment in it: Linux 6.12,
            // `tcp_validate_incoming`. A SYN alone is answered without such a report (RFC 5961, section 4).
            if segment.reportsDuplicate(endingAt: ends[1 - s].initialSendSequence + 1) {
                return .happened
            }
            if let isEchoed = echoesAnswer(segment, pending, s) {
                return isEchoed ? .happened : .notYet
            }
            return time - pending.latest >= ends[s].delayToTap * 2 ? .happened : .notYet
        case .receivedFIN:
            // A live socket would have acknowledged it; a RST without ACK says there is none.
            if isStatelessReset(segment) { return .notYet }
            return segment.acknowledgmentNumber >= ends[1 - s].finEnd ? .happened : .notYet
        case .receivedACKofFIN:
            if flags.contains(.fin) || repeatsBeforeFIN(segment, s, since: pending.seen, at: time)
                || refuses(segment, pending, s)
            {
                return .notYet
            }
            if acknowledgesLatest(segment, pending, s) { return .happened }
            // What passed less than half a round trip ago cannot have been there and its answer here.
            let roundTrip = ends[s].roundTrip ?? 0
            return roundTrip > 1_000_000 && time - pending.seen < roundTrip / 2 ? .notYet : .silent
        case .receivedRST, .receivedUnreachable:
            return flags.contains(.rst) ? .silent : .notYet
        case .sentSYNACK:
            // A copy that the tap makes comes at once, a repetition after a second.
            return flags.contains(.syn) && time - pending.seen < 500_000_000 ? .silent : .happened
        case .sentFIN, .sentRST:
            // Inferred of a RST ahead of all that was seen. What was sent before may come after it.
            if flags.contains(.rst) { return .silent }
            guard segment.options.present.contains(.timestamps), let last = pending.timestamp else {
                return .notYet
            }
            return Int32(bitPattern: segment.options.timestampValue &- last) > 0
                ? .notYet : .silent
        case .timedOut:
            return flags.contains(.rst) ? .silent : .notYet
        case .sentSYN, .replaced, .presumed:
            return .silent
        }
    }
}
