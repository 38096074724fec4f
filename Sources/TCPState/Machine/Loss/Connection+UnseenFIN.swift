public import Wire

// A FIN that died before the tap: its first copy that the tap sees comes after the peer's FIN and its
// acknowledgment, as if it had been sent after them.
extension Connection {
    /// Notes a bare acknowledgment whose number lies ahead of all that the tap has seen of its sender, and which does not
    /// acknowledge the peer's FIN: if what is missing is the sender's own FIN, that was sent before the peer's came.
    @inlinable @inline(never)
    mutating func noteNumberAhead<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp,
        _ context: inout MachineContext<Observer>
    ) {
        guard ends[s].state == .established || ends[s].state == .closeWait, ends[s].hasSent,
            !ends[s].hasSentFIN, !acknowledgesFIN(segment, s)
        else { return }
        let ahead = RareFacts.FirstAnswer(
            end: s, sequenceNumber: segment.sequenceNumber, time: time, lastSent: ends[s].lastSent)
        updateRareFacts(&context) { $0.firstAnswer = ahead }
    }

    /// Notes the first acknowledgment of the peer's FIN, which came in `frame`, if it is bare and its number lies ahead of
    /// all that the tap has seen of its sender: what is missing may be its FIN. An end that had sent its FIN after the
    /// peer's would have acknowledged with it, and now answer a repetition, which it reports as a duplicate (RFC 2883;
    /// Linux 6.8, `tcp_send_dupack`). That is so as a rule: of five such acknowledgments whose options the snapshot length
    /// cut off, four report a duplicate. A number that was ahead before the end acknowledged the peer's FIN needs no rule.
    @inlinable
    mutating func noteFirstAnswer<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, from state: State, _ token: UInt32, in frame: UInt64,
        at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        guard state == .established, ends[s].hasSent, !ends[s].hasSentFIN else { return }
        var answer = RareFacts.FirstAnswer(
            end: s, sequenceNumber: segment.sequenceNumber, time: time, lastSent: ends[s].lastSent)
        if let earlier = context.keptRareFacts(of: self)?.rareFacts.firstAnswer,
            Int(earlier.end) == s, earlier.sequenceNumber == ends[s].sendNext
        {
            answer = earlier
        } else {
            guard segment.length == 0, segment.sequenceNumber > ends[s].sendNext,
                !segment.options.present.contains(.incomplete),
                !segment.reportsDuplicate(endingAt: ends[1 - s].finEnd)
            else { return }
        }
        answer.token = token
        answer.frame = frame
        answer.acknowledged = time
        updateRareFacts(&context) { $0.firstAnswer = answer }
    }

    /// The end's FIN comes at last. If it lies before that acknowledgment, it was sent before the peer's FIN
    /// came: the end went through FIN-WAIT-1 and CLOSING. Returns whether that is so.
    @inlinable
    mutating func proveUnseenFIN<Observer: TransitionObserver>(
        _ s: Int, frame: UInt64, _ context: inout MachineContext<Observer>
    ) -> Bool {
        guard let answer = context.keptRareFacts(of: self)?.rareFacts.firstAnswer,
            Int(answer.end) == s,
            ends[s].state == .closeWait, ends[s].sinceFrame == answer.frame,
            ends[s].finEnd <= answer.sequenceNumber
        else { return false }
        context.observer.withdraw(answer.token)
        ends[s].state = .established
        transition(
            s, on: .sentFIN, grade: .proved, moment: .beforeSending, seen: answer.time,
            notBefore: answer.lastSent, notAfter: answer.time, frame: frame, &context)
        transition(
            s, on: .receivedFIN, grade: .proved, moment: .beforeSending, seen: answer.acknowledged,
            notBefore: answer.acknowledged > answer.time ? answer.time : answer.lastSent,
            notAfter: answer.acknowledged, frame: frame, &context)
        anomalies.insert(.simultaneousClose)
        return true
    }
}

extension Segment {
    /// Whether its first SACK block reports what ends at `end` as received twice. RFC 2883, section 4.
    @inlinable
    func reportsDuplicate(endingAt end: SequenceNumber) -> Bool {
        options.present.contains(.sack) && options.sackRight == end
            && options.sackLeft < acknowledgmentNumber
    }
}
