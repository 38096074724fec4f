internal import TCPState
internal import Wire

// Who sent a RST is told by its numbers. Linux gives it ACK and the next sequence number where a live
// socket is aborted (linger 0, unread data, keepalives that failed); without ACK, and numbered by the
// acknowledgment it answers, where there is no socket, or one that no program holds any more. Other
// stacks may set ACK always: then an answer looks like an abort.

extension Examination {
    /// What the RST that ended the connection means; nil without one.
    var resetFinding: Finding? {
        guard let reset = notes?.reset, reset.receiverState != .synSent,
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

    private func finding(
        _ diagnosis: Diagnosis, _ reset: Notes.Reset, form: Finding.Form = .usual,
        by sender: Role, fault: Fault, _ severity: Severity, _ grade: Grade, length: Int64 = 0,
        count: Int = 1,
        from frame: UInt64? = nil
    ) -> Finding {
        Finding(
            diagnosis, form, end: sender, fault: fault, severity, grade, since: reset.time,
            length: length, count: count, frame: frame ?? reset.frame, laterFrame: reset.frame)
    }

    /// FORGED RST: after the RST its claimed sender goes on with new data, which nobody does who has
    /// sent a RST (proved); or the RST's time to live is not that of the sender's other segments
    /// (inferred). Where a long silence came before, it is a device that has forgotten the connection:
    /// IDLE-TIMEOUT RST; then also where the RST came sooner than the peer has ever answered.
    private func forged(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        let isAnswer = reset.isAfterData || reset.isAfterProbe
        let wasIdle = reset.silence >= limits[.idle] && isAnswer
        let cameAnotherWay = reset.timeToLive != reset.usualTimeToLive
        let isTooSoon =
            wasIdle && reset.form == .stateless
            && (self[sender].roundTrip.map { $0 > 1_000_000 && reset.delay < $0 / 2 } ?? false)
        if wasIdle, cameAnotherWay || isTooSoon {
            return finding(
                .idleTimeoutReset, reset, by: sender, fault: .middlebox, .warning,
                isTooSoon ? .proved : .inferred, length: reset.silence,
                from: notes?.gap?.frame)
        }
        guard reset.laterFrame != nil || cameAnotherWay else { return nil }
        return Finding(
            .forgedReset, end: sender, fault: .middlebox, .warning,
            reset.laterFrame == nil ? .inferred : .proved, since: reset.time, frame: reset.frame,
            laterFrame: reset.laterFrame)
    }

    /// ACCEPT QUEUE FULL, aborting: the server has sent nothing but SYN,ACK and then answers the
    /// client's ACK or data by RST (`tcp_abort_on_overflow`, or a listener that was closed). A client
    /// that resets what it has not opened gave up, or never asked.
    private func inHandshake(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        guard server.hasSentSYN, server.payload == 0, !server.hasSentFIN,
            server.packets == UInt64(server.synCount) + UInt64(server.rstCount)
        else { return nil }
        if sender == .server, client.packets > UInt64(client.synCount), reset.form == .stateless {
            return finding(
                .acceptQueueFull, reset, form: .reset, by: .server, fault: .server, .warning,
                .inferred,
                from: connection.firstFrame)
        }
        guard sender == .client, client.payload == 0,
            client.packets == UInt64(client.synCount) + UInt64(client.rstCount)
        else { return nil }
        return finding(
            .abortiveClose, reset, form: .inHandshake, by: .client, fault: .client, .notice, .proved
        )
    }

    /// A RST for an end that had closed before: the rest of another finding, or a half-open connection
    /// that has ended now.
    private func afterTheEnd(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        if self[sender].unansweredRetransmissions >= UInt16(limits[.retransmissions]) { return nil }
        if connection.anomalies.contains(.lostAfterTap), self[sender].rstCount > 1 {
            return finding(
                .abortiveClose, reset, by: sender, fault: Fault(sender), .notice, .proved)
        }
        return nil
    }

    /// HALF-OPEN, PEER RESTARTED: an established connection, and what one end sends (data, a keepalive)
    /// is answered by a RST without ACK, numbered by the acknowledgment of what it answers: there is no
    /// such socket. The host restarted or failed over, or a balancer sent the segment to another one.
    private func peerRestarted(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        finding(
            .halfOpenPeerRestarted, reset, by: sender, fault: Fault(sender), .warning, .proved,
            length: reset.silence, from: notes?.gap?.frame)
    }

    /// A RST without ACK from an end that has sent its FIN. KEEPALIVE RACE: after a silence one end
    /// closes while the other's next data is on its way, and answers that by RST: it sat idle for less
    /// long than the other one keeps connections. FIN-WAIT-2 HELD, EXPIRED: the other end was told
    /// of the FIN a minute ago and kept its half; the kernel has dropped the first one's since. Else an
    /// ABORTIVE CLOSE: the program closed while its peer still had to send.
    private func late(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        guard let age = reset.finAge else { return nil }
        let peer = sender.peer
        if reset.isFINAcknowledged, age >= limits[.finWait2] {
            return finding(
                .finWait2Held, reset, form: .expired, by: sender, fault: Fault(peer), .warning,
                .proved,
                length: age, from: self[sender].sinceFrame)
        }
        let closed = Timestamp(nanoseconds: reset.time.nanoseconds - age)
        let flight = (self[peer].roundTrip ?? 100_000_000) * 3 / 2 + 5_000_000
        let crosses = reset.isAfterData && self[peer].lastNew - closed < flight
        if crosses, let gap = notes?.gap, abs(gap.end - closed) < 1_000_000_000 {
            return finding(
                .keepaliveRace, reset, by: sender, fault: Fault(peer), .warning, .proved,
                length: gap.length, from: gap.frame)
        }
        return finding(
            .abortiveClose, reset, form: .closedEarly, by: sender, fault: Fault(sender), .notice,
            .proved)
    }

    /// ABORTIVE CLOSE: a live socket is closed by RST: linger 0, or data that had come and was not
    /// read (RFC 2525, section 2.17; RFC 1122, section 4.2.2.13). KEEPALIVE FAILED and RETRANSMIT UNTIL
    /// DEATH where the end had waited for its peer in vain.
    private func aborted(_ reset: Notes.Reset, _ sender: Role) -> Finding? {
        let end = self[sender]
        if Int64(end.unansweredKeepalives) >= limits[.keepalives] {
            return finding(
                .keepaliveFailed, reset, form: .reset, by: sender, fault: .path, .warning, .proved,
                length: notes?.probeInterval ?? 0, count: Int(end.unansweredKeepalives))
        }
        if Int64(end.unansweredRetransmissions) >= limits[.retransmissions] {
            return finding(
                .retransmitUntilDeath, reset, form: .reset, by: sender, fault: .path, .warning,
                .proved,
                length: reset.time - end.unacknowledgedSince,
                count: Int(end.unansweredRetransmissions))
        }
        let peer = self[sender.peer]
        let isUnread = peer.payload > 0 && peer.lastNew > end.lastNew
        return finding(
            .abortiveClose, reset, form: isUnread ? .unread : .usual, by: sender,
            fault: Fault(sender), .notice, .proved)
    }

    /// RST IGNORED: a RST inside the window, but not with the next number: the receiver answers with a
    /// challenge ACK (RFC 5961, section 3) and the connection goes on. Tools that look at flags only
    /// call it closed. Somebody has old numbers, or guesses.
    var resetIgnored: Finding? {
        guard let ignored = notes?.ignored, ignored.count > 0, ignored.hasGoneOn else { return nil }
        if let reset = notes?.reset, reset.time - ignored.time < 1_000_000_000 { return nil }
        return Finding(
            .resetIgnored, end: connection.role(ignored.sender), fault: .middlebox, .warning,
            ignored.challengeFrame == nil ? .inferred : .proved, since: ignored.time,
            count: Int(ignored.count), frame: ignored.frame, laterFrame: ignored.challengeFrame)
    }
}
