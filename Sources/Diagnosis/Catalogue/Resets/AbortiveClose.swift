internal import TCPState
internal import Wire

/// The words of `abortive-close`.
enum AbortiveClose: CatalogueEntry {
    static let name = "abortive-close"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name) closes by RST"
    }

    static func sentence(_ words: Words) -> String {
        let owner = words.owner
        let all = words.isOfAll ? " All \(words.count) connections of the service here end so." : ""
        switch words.form {
        case .unread:
            return
                "The \(owner) closes by RST with ACK, when data of the \(words.peer) had come and was"
                + " not answered: the data is not read, or linger 0.\(all)"
        case .answered:
            return "The \(owner) closes by RST with ACK after its answer: something of the"
                + " \(words.peer)'s data was not read to the end, or linger 0.\(all)"
        case .closedEarly:
            return
                "The \(owner) closed while the \(words.peer) still had to send: what comes after its FIN"
                + " is answered by RST."
        case .farewell:
            return
                "The \(owner) closed, and the \(words.peer)'s last words, \(words.measure) bytes at"
                + " most before its own FIN, are answered by RST: nothing that was asked for is lost."
        case .inHandshake:
            return "The \(owner) answers the SYN,ACK by RST: it gave up, or only wanted to know."
        case .atOnce:
            return "The \(owner) accepts the connection and resets it before a byte has gone either"
                + " way: it does not want this client, or is being stopped.\(all)"
        case .bare:
            return
                "The \(owner) ends a live connection by a RST without ACK that answers nothing: so"
                + " Windows and other stacks abort."
        case .inFlight:
            return
                "The \(owner) has ended the connection while data was on its way, which it answers by"
                + " RST: its program gave up."
        case .timer:
            return
                "The \(owner)'s keepalive probe has no answer, and it gives up by RST: TCP_USER_TIMEOUT,"
                + " or the keepalive's own end."
        case .idle:
            return
                "The \(owner) ends a connection by RST on which nothing was outstanding: a timer of its"
                + " kernel (keepalive, TCP_USER_TIMEOUT), or a program that ends or drops idle connections."
        case .listenerClosed:
            return
                "The \(owner) resets connections that it had never accepted, all at once: its listener"
                + " was closed."
        default:
            return "The \(owner) closes a live connection by RST, with nothing of the \(words.peer)"
                + " waiting for an answer: an abort on purpose, linger 0, or an answer left unread.\(all)"
        }
    }

    static func refutation(_ words: Words) -> String {
        "the RST's numbers are those of a device on the way"
    }

    static func remedy(_ words: Words) -> [String] {
        switch words.form {
        case .closedEarly, .unread, .answered:
            [
                "let the \(words.owner)'s program read to the end before it closes, and look for"
                    + " SO_LINGER 0"
            ]
        case .atOnce:
            [
                "on the \(words.owner): its program's log at that time; who is accepted (an access list,"
                    + " a wrapper, TLS before the first byte)?"
            ]
        case .timer, .idle:
            [
                "on the \(words.owner): `ss -tno \(words.ss(words.end))`: TCP_USER_TIMEOUT and the"
                    + " keepalive of its program; one lost probe should not end a connection"
            ]
        case .farewell, .inHandshake: []
        case .listenerClosed: ["on the server: `journalctl --since` the time above: a restart?"]
        default:
            [
                "look for SO_LINGER 0 in the \(words.owner)'s program; browsers and proxies also"
                    + " abort what nobody waits for"
            ]
        }
    }
}

extension ConnectionExaminer {
    /// ABORTIVE CLOSE: a live socket is closed by RST: linger 0, or data that had come and was not
    /// read (RFC 2525, section 2.17; RFC 1122, section 4.2.2.13). KEEPALIVE FAILED and RETRANSMIT UNTIL
    /// DEATH where the end had waited for its peer in vain.
    func aborted(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let end = self[sender]
        if Int64(end.unansweredKeepalives) >= limits[.keepalives] {
            return finding(
                .keepaliveFailed, reset, form: .reset, by: sender, fault: .path, .warning, .proved,
                length: rareFacts?.probeInterval ?? 0, count: Int(end.unansweredKeepalives))
        }
        if end.hasSentFIN, end.unacknowledgedBytes == 1,
            Int64(end.unansweredRetransmissions) >= limits[.retransmissions]
        {
            let isLast = self[sender.peer].hasSentFIN
            return finding(
                isLast ? .lastACKStuck : .finWait1Stuck, reset, form: .silence, by: sender,
                fault: .path, .warning, .inferred, length: reset.time - end.controlSeen,
                count: Int(end.finCount), from: end.sinceFrame)
        }
        if Int64(end.unansweredRetransmissions) >= limits[.retransmissions] {
            return finding(
                .retransmitUntilDeath, reset, form: .reset, by: sender, fault: .path, .warning,
                .proved,
                length: reset.time - end.unacknowledgedSince,
                count: Int(end.unansweredRetransmissions))
        }
        if end.unansweredKeepalives > 0 {
            return finding(
                .abortiveClose, reset, form: .timer, by: sender, fault: .path, .notice, .inferred)
        }
        if let gap = rareFacts?.gap, gap.unanswered >= 3, connection.role(gap.breaker) == sender {
            return finding(
                .keepaliveFailed, reset, form: .reset, by: sender, fault: .path, .warning,
                .inferred,
                length: (reset.time - gap.start) / Int64(gap.unanswered + 1),
                count: Int(gap.unanswered) + 1)
        }
        return finding(
            .abortiveClose, reset, form: abortForm(reset, sender), by: sender, fault: Fault(sender),
            .notice, .proved)
    }

    /// What the data before an abort speaks for.
    private func abortForm(_ reset: RareFacts.Reset, _ sender: Role) -> Finding.Form {
        let end = self[sender]
        let peer = self[sender.peer]
        if !reset.isAfterData, peer.payload + end.payload > 0,
            reset.time - max(peer.lastNew, end.lastNew) >= limits[.idle]
        {
            return .idle
        }
        guard peer.payload > 0 else { return end.payload == 0 ? .atOnce : .usual }
        if peer.lastNew > end.lastNew || end.payload == 0 {
            // What came long ago and was acknowledged has been read by then, as a rule.
            return connection.lastSeen - peer.lastNew < limits[.idle] || end.payload == 0
                ? .unread : .usual
        }
        return sender == .server ? .answered : .usual
    }

    /// A RST for an end that had closed before: the rest of another finding, or a half-open connection
    /// that has ended now.
    func afterTheEnd(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        if self[sender].unansweredRetransmissions >= UInt16(limits[.retransmissions]) { return nil }
        if connection.anomalies.contains(.lostAfterTap), self[sender].rstCount > 1 {
            return finding(
                .abortiveClose, reset, by: sender, fault: Fault(sender), .notice, .proved)
        }
        return nil
    }
}
