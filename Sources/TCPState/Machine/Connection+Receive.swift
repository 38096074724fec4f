public import Wire

extension Connection {
    /// Takes the next segment that the tap saw, sent by `sender`.
    ///
    /// First what the sender proves by it, then what it does to the receiver if it arrives.
    @inlinable
    public mutating func receive<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64,
        context: inout MachineContext<Observer>
    ) {
        _ = receiveReportingEnd(
            segment, from: sender, at: time, frame: frame, isDue: true, context: &context)
    }

    @inlinable
    mutating func receiveSlowPath<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64, isDue: Bool,
        _ context: inout MachineContext<Observer>
    ) {
        let receiver = sender.peer
        if time - lastSeen >= Connection.noteworthySilence {
            noteGap(endedBy: segment, from: sender, at: time, frame: frame, &context)
        }
        lastSeen = max(lastSeen, time)
        lastFrame = frame
        noteCompleteness(segment, frame: frame)

        if anomalies.contains(.selfConnect) {
            receiveFromItself(segment, from: sender, at: time, frame: frame, &context)
            return
        }
        if isDue { expire(at: time, &context) }
        if segment.flags.contains(.rst) {
            receiveReset(segment, from: sender, to: receiver, at: time, frame: frame, &context)
            return
        }
        if rareFactsSlot != 0 {
            noteAfterReset(segment, from: sender, at: time, frame: frame, &context)
        }
        if segment.flags.contains(.syn), ends[sender.rawValue].hasSentSYN {
            noteOtherSYN(segment, sender.rawValue, at: time, frame: frame, &context)
        }
        let s = sender.rawValue
        let isOneWay = !ends[1 - s].hasSent && ends[s].hasSent
        if isOneWay { proveUnseenSegments(segment, s, at: time, frame: frame, &context) }
        proveSender(segment, by: sender, at: time, frame: frame, &context)
        let wasClosed = ends[s].seen.contains(.zeroWindow)
        let probes = ends[s].unansweredKeepalives
        let lastSent = ends[s].lastSent
        follow(segment, from: sender, at: time)
        noteWindow(wasClosed: wasClosed, s, at: time, frame: frame, &context)
        noteProbe(s, before: probes, lastSent: lastSent, at: time, &context)
        if ends[s].unansweredRetransmissions >= 2 { noteRepeated(segment, s, &context) }
        deliver(segment, at: receiver, from: sender, time: time, frame: frame, &context)
        if isOneWay { assumeUnseenACK(segment, s, at: time, frame: frame, &context) }
        if ends[1 - s].seen.contains(.acknowledgedUnseen) {
            recallAcknowledgment(s, at: time, frame: frame, &context)
        } else if segment.flags.contains(.fin), ends[s].finCount == 1, ends[s].isFINAcknowledged {
            recallFIN(s, at: time, frame: frame, &context)
        }
    }

    /// A segment comes that its receiver has acknowledged already: the tap saw, or the file has, the two in
    /// the wrong order.
    @inlinable @inline(never)
    mutating func recallAcknowledgment<Observer: TransitionObserver>(
        _ s: Int, at time: Timestamp, frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        let early = ends[1 - s].earlyAcknowledgment
        guard early > ends[s].sendUnacknowledged, early <= ends[s].sendNext else { return }
        ends[1 - s].seen.remove(.acknowledgedUnseen)
        ends[s].sendUnacknowledged = early
        ends[s].unansweredRetransmissions = 0
        anomalies.remove(.ackOfUnseenData)
        if ends[s].isFINAcknowledged { recallFIN(s, at: time, frame: frame, &context) }
    }

    /// A FIN whose acknowledgment came before it: its peer has received it.
    @inlinable @inline(never)
    mutating func recallFIN<Observer: TransitionObserver>(
        _ s: Int, at time: Timestamp, frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        inferTransition(
            s, on: .receivedACKofFIN, seen: time, notBefore: time, frame: frame, &context)
        inferTransition(
            1 - s, on: .receivedFIN, seen: time, notBefore: time, frame: frame, &context)
    }

    /// The same; returns whether that ended the connection.
    ///
    /// - Parameter isDue: whether `nextDeadline(_:_:)` lies at or before `time`.
    @inlinable @inline(__always)
    public mutating func receiveReportingEnd<Observer: TransitionObserver>(
        _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64, isDue: Bool,
        context: inout MachineContext<Observer>
    ) -> Bool {
        let wasFinished = Connection.isFinished(ends[0].state, ends[1].state)
        receiveSlowPath(
            segment, from: sender, at: time, frame: frame, isDue: isDue, &context)
        return !wasFinished && Connection.isFinished(ends[0].state, ends[1].state)
    }

    /// Follows the numbers of both ends.
    @inlinable
    mutating func follow(
        _ segment: Segment, from sender: Side, at time: Timestamp
    ) {
        let s = sender.rawValue
        var oddities = anomalies
        unsafe withBothEnds { both in
            // Elements 0 and 1, in either order: never the same one twice.
            unsafe both[s].send(segment, to: &both[1 - s], at: time, &oddities)
        }
        anomalies = oddities
    }

    /// Wireshark's completeness mask. The first packet counts only if it is a SYN.
    @inlinable @inline(__always)
    mutating func noteCompleteness(_ segment: Segment, frame: UInt64) {
        completenessBeforeLast = completeness
        let flags = segment.flags
        let hasData = segment.payloadLength > 0
        if frame == firstFrame {
            if flags.isSuperset(of: .syn), !flags.contains(.ack) {
                completeness |= 1
                if hasData { completeness |= 8 }
            }
            return
        }
        if flags.contains(.syn) {
            if flags.contains(.ack) { completeness |= 2 }
        } else if flags.contains(.ack) {
            completeness |= hasData ? 8 : 4
        }
        if flags.isSuperset(of: [.fin, .ack]) { completeness |= 16 }
        if flags.contains(.rst) { completeness |= 32 }
    }
}
