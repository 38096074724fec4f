public import Wire

// Both ends open at the same time: RFC 9293, section 3.5, figure 8. Either SYN may be lost, and then the other end's opens the
// connection alone; what an end sends next tells whether its peer's SYN had reached it.
extension Connection {
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

    /// Whether an opener that went past a SYN answers its peer's SYN,ACK as one that never received that
    /// SYN: with a bare ACK. One that did has sent SYN,ACK itself, knows the peer's SYN already, and reports
    /// it as a duplicate (Linux 6.8, `tcp_rcv_state_process`, `tcp_dsack_set`; RFC 2883).
    @inlinable
    mutating func isDirectAnswer<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) -> Bool {
        guard pendingCount[s] > 1, segment.length == 0, segment.flags.contains(.ack),
            segment.flags.isDisjoint(with: .rst),
            context.pool[ends[s].pendingFirst, 0].event == .receivedSYN,
            context.pool[ends[s].pendingFirst, 0].from == .synSent,
            context.pool[ends[s].pendingFirst, 1].event == .receivedACKofSYN,
            segment.acknowledgmentNumber == ends[1 - s].initialSendSequence + 1
        else { return false }
        return !showsSYN(segment, s)
    }

    /// Whether an opener's acknowledgment shows that its peer's SYN, not only the SYN,ACK behind it, had reached it.
    ///
    /// It reports that SYN as received twice (RFC 2883): in ESTABLISHED, a SYN,ACK that comes again is answered without (RFC
    /// 5961, section 4); in SYN-RECEIVED it is taken as data that is there already (Linux 6.12, `tcp_validate_incoming`,
    /// `tcp_data_queue`). Or it echoes the time stamp of the SYN, where the SYN,ACK has a later one: RFC 7323, section 4.3.
    @inlinable
    mutating func showsSYN(_ segment: Segment, _ s: Int) -> Bool {
        let peer = ends[1 - s].first
        guard ends[1 - s].hasSentSYN, peer.flags.contains(.syn), !peer.flags.contains(.ack),
            segment.flags.contains(.ack), segment.flags.isDisjoint(with: [.syn, .rst])
        else { return false }
        if segment.reportsDuplicate(endingAt: ends[1 - s].initialSendSequence + 1) { return true }
        return segment.options.present.contains(.timestamps)
            && peer.options.contains(.timestamps)
            && segment.options.timestampEcho == peer.timestampValue
            && ends[s].recentTimestamp != peer.timestampValue
    }

    /// An opener has received its peer's SYN, and then the acknowledgment of its own.
    @inlinable
    mutating func proveCrossedSYN<Observer: TransitionObserver>(
        _ s: Int, answeredSince earliest: Timestamp, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        let crossed = ends[1 - s].first.time
        anomalies.insert(.simultaneousOpen)
        transition(
            s, on: .receivedSYN, grade: .proved, moment: .onArrival, seen: crossed,
            notBefore: crossed, notAfter: time, frame: lastFrame, &context)
        transition(
            s, on: .receivedACKofSYN, grade: .proved, moment: .beforeSending, seen: time,
            notBefore: earliest, notAfter: time, frame: lastFrame, &context)
    }

    /// A SYN without ACK that comes behind the same end's SYN,ACK: that end has opened, and the tap saw the two in the wrong
    /// order. Returns whether that is so.
    @inlinable
    mutating func recallSYN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) -> Bool {
        // A path that delivers in another order does so within a short time.
        guard pendingCount[s] == 1, ends[1 - s].hasSentSYN,
            segment.sequenceNumber == ends[s].initialSendSequence,
            time - ends[s].controlSeen <= max(100_000_000, ends[s].flightTime)
        else { return false }
        let pending = context.pool[ends[s].pendingFirst, 0]
        guard pending.event == .sentSYNACK, pending.from != .synSent else { return false }
        anomalies.insert(.simultaneousOpen)
        withdraw(s, from: 0, &context)
        transition(
            s, on: .sentSYN, grade: .proved, moment: .beforeSending, seen: pending.seen,
            notBefore: nil, notAfter: pending.seen, frame: frame, &context)
        transition(
            s, on: .receivedSYN, grade: .proved, moment: .beforeSending, seen: ends[s].controlSeen,
            notBefore: pending.notBefore, notAfter: ends[s].controlSeen, frame: pending.frame,
            &context)
        return true
    }
}
