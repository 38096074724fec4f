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
            pickUpMidStream(segment, s, at: time, frame: frame, &context)
            proveReceipt(segment, s, at: time, frame: frame, &context)
            if segment.flags.contains(.fin) {
                proveFIN(segment, s, at: time, frame: frame, &context)
            }
        }
        redeliverUnreceived(
            undelivered, s, sentAt: time, within: returnTime(of: segment, s), &context)
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
        } else {
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

    /// A SYN that went past just before this end sent its own is still on its way: it crosses.
    @inlinable
    mutating func crossSYN<Observer: TransitionObserver>(
        _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        let peer = ends[1 - s]
        guard ends[s].state == .synSent, peer.state == .synSent, peer.hasSentSYN, !ends[s].hasSent,
            time - peer.lastSent <= ends[s].flightTime
        else { return }
        anomalies.insert(.simultaneousOpen)
        inferTransition(
            s, on: .receivedSYN, seen: peer.lastSent, notBefore: peer.lastSent,
            frame: peer.sinceFrame, &context)
    }

    /// A first segment without SYN: both ends have been talking before the capture shows them.
    @inlinable
    mutating func pickUpMidStream<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.ack), anomalies.contains(.midStream) else { return }
        for end in [s, 1 - s] where ends[end].state == .unknown {
            ends[end].presumedToken = transition(
                end, on: .presumed, grade: .assumed, moment: .atTap, seen: time, notBefore: nil,
                notAfter: time, frame: frame, &context)
            ends[end].seen.insert(.presumed)
        }
    }

    /// What must have reached the sender for it to acknowledge what it does.
    @inlinable
    mutating func proveReceipt<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.ack) else { return }
        let peer = ends[1 - s]
        let earliest = ends[s].since
        if ends[s].state == .synSent, !peer.hasSent || peer.hasSentSYN {
            proveArrival(.receivedSYNACK, segment, s, at: time, frame: frame, &context)
            if !peer.hasSent { proveUnseenAnswer(1 - s, at: time, frame: frame, &context) }
        }
        if ends[s].state == .synReceived, !maySendInSynReceived(s) {
            transition(
                s, on: .receivedACKofSYN, grade: .proved, moment: .beforeSending, seen: time,
                notBefore: earliest, notAfter: time, frame: frame, &context)
            if !peer.hasSent {
                // Whoever completed the handshake is not in the capture, but was established by it.
                transition(
                    1 - s, on: .receivedSYNACK, grade: .assumed, moment: .atTap, seen: time,
                    notBefore: earliest, notAfter: time, frame: frame, &context)
            }
        }
        if acknowledgesFIN(segment, s) {
            recallHalfClose(segment, s, at: time, &context)
            let state = ends[s].state
            let token = proveFINArrival(segment, s, at: time, frame: frame, &context)
            noteFirstAnswer(segment, s, from: state, token, at: time, &context)
        }
    }

    /// Whether the segment acknowledges its receiver's FIN.
    @inlinable @_addressableSelf
    func acknowledgesFIN(_ segment: Segment, _ s: Int) -> Bool {
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
        return proveArrival(.receivedFIN, segment, s, at: time, frame: frame, &context)
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
    /// echoed timestamp may tell; else not later than the last copy took.
    @inlinable
    @discardableResult
    mutating func proveArrival<Observer: TransitionObserver>(
        _ event: Event, _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) -> UInt32 {
        let earliest = ends[s].since
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
    /// acknowledgment that comes sooner, from an end that has sent no payload, tells the second.
    @inlinable
    mutating func recallHalfClose<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        let peer = ends[1 - s]
        guard anomalies.contains(.midStream), context.profile.delayedACK > 0, ends[s].payload == 0,
            segment.length == 0, ends[s].state == .established || ends[s].state == .closeWait,
            pendingCount[s] == 0, peer.state == .finWait1, pendingCount[1 - s] == 0,
            ends[s].seen.contains(.presumed), peer.seen.contains(.presumed),
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
        guard !ends[s].hasSentFIN, isAcceptable(segment, at: 1 - s) else { return }
        ends[s].finEnd = segment.endSequenceNumber
        ends[s].seen.insert(.fin)
        ends[s].noteFirstCopy(segment, at: time)
        if firstCloser == nil { firstCloser = Side(rawValue: s) }
        if proveUnseenFIN(s, frame: frame, &context) { return }
        // A program may close while data still waits in the send queue; and a FIN that was lost
        // before the tap was sent at any time after the last segment that carried none.
        let peer = ends[1 - s]
        let busy = ends[s].isBusy(sinceHeard: ends[1 - s].lastSent, at: time)
        let earliest = busy ? min(ends[s].busySince, ends[s].lastSent) : ends[s].lastSent
        // Programs write and then close: a FIN that waited behind a closed window waited from the start.
        let blocked = busy && peer.zeroWindowSince >= ends[s].busySince
        // Where the peer is not in the capture, its FIN may have come before.
        transition(
            s, on: .sentFIN, grade: peer.hasSent ? .proved : .inferred, moment: .beforeSending,
            seen: blocked ? peer.zeroWindowSince : time,
            notBefore: ends[s].hasSent ? earliest : nil, notAfter: time, frame: frame, &context)
        if ends[s].state == .finWait1, ends[1 - s].state == .finWait1 {
            anomalies.insert(.simultaneousClose)
        }
    }

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
        reorderRepeatedFIN(segment, s, &context)
        if isDirectAnswer(segment, s, &context) {
            withdraw(s, from: 0, &context)
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
            let item = context.pool[ends[s].pendingFirst, index]
            if item.event == .receivedFIN {
                noteFirstAnswer(
                    segment, s, from: item.from, item.token, at: time, &context)
            }
            if item.event != .sentSYNACK {
                confirm(item, by: segment, s, at: time, &context)
            }
        }
        if proved > 0 {
            if proved == Int(pendingCount[s]) { ends[s].grade = .proved }
            dropPending(s, first: proved, &context)
            refuted -= proved
        }
        guard refuted < Int(pendingCount[s]) else { return nil }
        let undelivered = context.pool.detach(ends[s].pendingFirst, refuted..<Int(pendingCount[s]))
        withdraw(s, from: refuted, &context)
        return undelivered
    }

    @inlinable
    mutating func confirm<Observer: TransitionObserver>(
        _ item: Pending, by segment: Segment, _ s: Int, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        // Of a repeated segment the last copy may be the one that arrived; of acknowledgments the first.
        var seen = item.event == .receivedACKofFIN ? item.seen : item.latest
        var earliest = item.notBefore
        if item.event == .receivedFIN || item.event == .receivedSYNACK,
            let first = echoedFirstCopy(segment, s)
        {
            seen = first
            earliest = first
        }
        var latest = time
        if item.event == .receivedFIN || item.event == .receivedSYNACK {
            latest = min(latest, item.latest + (ends[s].flightTime + Endpoint.queueing))
        }
        context.observer.confirm(item.token, seen: seen, notBefore: earliest, notAfter: latest)
    }

    /// Whether an opener that went past a SYN answers its peer's SYN,ACK as one that never received that
    /// SYN: with a bare ACK. One that did has sent SYN,ACK itself, knows the peer's SYN already, and reports
    /// it as a duplicate (Linux 6.8, `tcp_rcv_state_process`, `tcp_dsack_set`; RFC 2883).
    @inlinable
    mutating func isDirectAnswer<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) -> Bool {
        let peer = ends[1 - s]
        guard pendingCount[s] > 1, segment.length == 0, segment.flags.contains(.ack),
            segment.flags.isDisjoint(with: .rst),
            context.pool[ends[s].pendingFirst, 0].event == .receivedSYN,
            context.pool[ends[s].pendingFirst, 0].from == .synSent,
            context.pool[ends[s].pendingFirst, 1].event == .receivedACKofSYN,
            segment.acknowledgmentNumber == peer.initialSendSequence + 1
        else { return false }
        return !segment.reportsDuplicate(endingAt: peer.initialSendSequence + 1)
    }

    /// Delivers again what had not reached the sender when it sent its latest segment, as far as it
    /// may still be on its way; the rest was lost after it passed the tap.
    @inlinable
    mutating func redeliverUnreceived<Observer: TransitionObserver>(
        _ undelivered: DetachedPending?, _ s: Int, sentAt time: Timestamp,
        within returnTime: TimeSpan, _ context: inout MachineContext<Observer>
    ) {
        guard let undelivered else { return }
        defer { context.pool.give(undelivered) }
        for index in 0..<undelivered.count {
            let item = context.pool[undelivered.first, index]
            if item.event.isOwnAct { continue }
            guard time - item.latest <= returnTime else {
                anomalies.insert(.lostAfterTap)
                if item.event == .receivedACKofSYN { anomalies.insert(.handshakeIgnored) }
                continue
            }
            if item.event == .receivedFIN, ends[s].state == .synReceived {
                // The FIN's segment acknowledges the SYN as well, whatever became of earlier ones.
                inferTransition(
                    s, on: .receivedACKofSYN, seen: item.latest,
                    notBefore: max(item.notBefore, time - 2 * ends[s].delayToTap),
                    frame: item.frame, &context)
            }
            inferTransition(
                s, on: item.event, seen: item.latest,
                notBefore: max(item.notBefore, time - 2 * ends[s].delayToTap), frame: item.frame,
                &context)
        }
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
    @inlinable @_addressableSelf
    func repeatsBeforeFIN(_ segment: Segment, _ s: Int, since seen: Timestamp, at time: Timestamp)
        -> Bool
    {
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
    @inlinable @_addressableSelf
    func refuses(_ segment: Segment, _ item: Pending, _ s: Int) -> Bool {
        isStatelessReset(segment) && (!item.hasPayload || missedRepetition(s, by: item.seen))
            && segment.sequenceNumber == ends[1 - s].receiveNext
            && item.peerPackets == ends[1 - s].packets
    }

    @inlinable @_addressableSelf
    func confirmation(
        on item: Pending, by segment: Segment, _ s: Int, at time: Timestamp
    ) -> Confirmation {
        let flags = segment.flags
        let peer = ends[1 - s]
        switch item.event {
        case .receivedSYN:
            return flags.contains(.ack) && !isStatelessReset(segment) ? .happened : .notYet
        case .receivedSYNACK:
            if isStatelessReset(segment) { return .notYet }
            return flags.contains(.ack) && segment.acknowledgmentNumber > peer.initialSendSequence
                ? .happened : .notYet
        case .receivedACKofSYN:
            if flags.contains(.syn) || refuses(segment, item, s) { return .notYet }
            if flags.contains(.rst) { return .silent }
            guard maySendInSynReceived(s) else { return .happened }
            return time - item.latest >= ends[s].delayToTap * 2 ? .happened : .notYet
        case .receivedFIN:
            // A live socket would have acknowledged it; a RST without ACK says there is none.
            if isStatelessReset(segment) { return .notYet }
            return segment.acknowledgmentNumber >= peer.finEnd ? .happened : .notYet
        case .receivedACKofFIN:
            if flags.contains(.fin) || repeatsBeforeFIN(segment, s, since: item.seen, at: time)
                || refuses(segment, item, s)
            {
                return .notYet
            }
            // What passed less than half a round trip ago cannot have been there and its answer here.
            let roundTrip = ends[s].roundTrip ?? 0
            return roundTrip > 1_000_000 && time - item.seen < roundTrip / 2 ? .notYet : .silent
        case .receivedRST, .receivedUnreachable:
            return flags.contains(.rst) ? .silent : .notYet
        case .sentSYNACK:
            // A copy that the tap makes comes at once, a repetition after a second.
            return flags.contains(.syn) && time - item.seen < 500_000_000 ? .silent : .happened
        case .sentFIN, .sentRST:
            // Inferred of a RST ahead of all that was seen. What was sent before may come after it.
            if flags.contains(.rst) { return .silent }
            guard segment.options.present.contains(.timestamps), let last = item.timestamp else {
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
