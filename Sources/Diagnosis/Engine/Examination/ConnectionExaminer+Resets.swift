internal import TCPState
internal import Wire

// A RST is a witness statement: who can have sent it follows from its numbers, its time to live, what it can
// answer, and what its claimed sender does afterwards. Linux gives it ACK and the next sequence number where a
// live socket is aborted (linger 0, unread data, a timer); without ACK, and numbered by the acknowledgment that
// it answers, where there is no socket. Windows aborts a live socket by a RST without ACK and with the next
// number: it then answers nothing.

extension ConnectionExaminer {
    /// What the RST that ended the connection means; nil without one.
    var resetFinding: Finding? {
        guard let reset = rareFacts?.reset, reset.receiverState != .synSent,
            // Late copies of segments are answered so after a good end.
            reset.receiverState != .timeWait
        else { return nil }
        let sender = connection.role(reset.sender)
        if isAnswerToProbe(reset, sender) { return nil }
        if let inHandshake = inHandshake(reset, sender) { return inHandshake }
        if let guessed = guessedResets(before: reset) { return guessed }
        if let forged = forged(reset, sender) { return forged }
        if reset.senderState == .closed || reset.senderState == .timeWait,
            reset.form == .stateless, reset.finAge == nil
        {
            return afterTheEnd(reset, sender)
        }
        if let lost = undelivered(reset, sender) { return lost }
        switch reset.form {
        case .stateless:
            return reset.finAge == nil ? withoutSocket(reset, sender) : late(reset, sender)
        case .live, .refusal: return aborted(reset, sender)
        }
    }

    func finding(
        _ diagnosis: Diagnosis, _ reset: RareFacts.Reset, form: Finding.Form = .usual,
        by sender: Role, fault: Fault, _ severity: Severity, _ grade: Grade, length: TimeSpan = 0,
        count: Int = 1,
        from frame: UInt64? = nil
    ) -> Finding {
        Finding(
            diagnosis, form, end: sender, fault: fault, severity, grade, since: reset.time,
            length: length, count: count, frame: frame ?? reset.frame, laterFrame: reset.frame)
    }

    /// Whether the RST only says that its host has no such connection, to an unexpected segment: no segment of its
    /// sender went past before, and what came was no data.
    func isAnswerToProbe(_ reset: RareFacts.Reset, _ sender: Role) -> Bool {
        let asker = self[sender.peer]
        return connection.anomalies.contains(.midStream) && hasSentRSTsOnly(sender)
            && asker.payload == 0 && asker.keepalives == 0
    }

    /// Whether an end has sent nothing but RSTs.
    func hasSentRSTsOnly(_ role: Role) -> Bool {
        self[role].packets == UInt64(self[role].rstCount)
    }

    /// Whether the RST can be the answer to a segment: one came from its receiver after the sender's last,
    /// the RST has the number that it acknowledges, and follows within a few round trips.
    func isAnswer(_ reset: RareFacts.Reset, _ sender: Role) -> Bool {
        let answerTime = max(300_000_000, (self[sender].roundTrip ?? 0) * 3)
        return reset.mayAnswer && reset.hasAcknowledgedNumber && reset.delay <= answerTime
    }

    /// Whether the RST has the time to live of its end's SYN, while the end's other segments came with another; more
    /// than the copies of a tap on both sides of a router differ.
    func isOfHandshakeOnly(_ reset: RareFacts.Reset, _ sender: Role) -> Bool {
        let end = self[sender]
        return end.hasSentSYN && end.packetsBesidesControl > 1
            && reset.timeToLive == end.first.timeToLive
            && abs(Int(reset.timeToLive) - Int(reset.usualTimeToLive)) > 2
    }

    /// Whether the time to live of the RST is that of none of the segments that its claimed sender's kernel
    /// is known to have sent. A lone SYN may come from a scanner's raw socket.
    func cameAnotherWay(_ reset: RareFacts.Reset, _ sender: Role) -> Bool {
        let end = self[sender]
        let known = end.packetsBesidesControl + (sender == .client ? 0 : UInt64(end.synCount))
        guard known > 0 else { return false }
        return reset.timeToLive != reset.usualTimeToLive
            && reset.timeToLive != end.first.timeToLive
    }
}
