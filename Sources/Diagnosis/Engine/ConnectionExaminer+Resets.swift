internal import TCPState
internal import Wire

// Who sent a RST is told by its numbers. Linux gives it ACK and the next sequence number where a live
// socket is aborted (linger 0, unread data, keepalives that failed); without ACK, and numbered by the
// acknowledgment it answers, where there is no socket, or one that no program holds any more. Other
// stacks may set ACK always: then an answer looks like an abort.

extension ConnectionExaminer {
    /// What the RST that ended the connection means; nil without one.
    var resetFinding: Finding? {
        guard let reset = rareFacts?.reset, reset.receiverState != .synSent,
            // Late copies of segments are answered so after a good end.
            reset.receiverState != .timeWait
        else { return nil }
        let sender = connection.role(reset.sender)
        if let forged = forged(reset, sender) { return forged }
        if let inHandshake = inHandshake(reset, sender) { return inHandshake }
        if reset.senderState == .closed || reset.senderState == .timeWait,
            reset.form == .stateless, reset.finAge == nil
        {
            return afterTheEnd(reset, sender)
        }
        switch reset.form {
        case .stateless:
            return reset.finAge == nil ? peerRestarted(reset, sender) : late(reset, sender)
        case .live, .refusal: return aborted(reset, sender)
        }
    }

    func finding(
        _ diagnosis: Diagnosis, _ reset: RareFacts.Reset, form: Finding.Form = .usual,
        by sender: Role, fault: Fault, _ severity: Severity, _ grade: Grade, length: Int64 = 0,
        count: Int = 1,
        from frame: UInt64? = nil
    ) -> Finding {
        Finding(
            diagnosis, form, end: sender, fault: fault, severity, grade, since: reset.time,
            length: length, count: count, frame: frame ?? reset.frame, laterFrame: reset.frame)
    }
}
