internal import TCPState
internal import Wire

/// The words of `abortive-close`.
enum AbortiveClose: CatalogueEntry {
    static let name = "abortive-close"
    static let thresholds: [Thresholds.Name] = [.abortCount, .idle]
    static let summary = "an end closes connections with RST"
    static let definition =
        "An end closes a live connection with RST instead of FIN: SO_LINGER with a timeout of 0, data"
        + " that was received and not read (RFC 2525, section 2.17), or an application that exits. Data"
        + " in flight is lost."

    static func title(_ words: Words) -> String {
        "the \(words.endName) closes connections with RST"
    }

    static func sentence(_ words: Words) -> String {
        let endName = words.endName
        let peer = words.peer
        let all =
            words.isOfAll ? " All \(words.connections) to this service end this way." : ""
        switch words.form {
        case .unread:
            return
                "The \(endName) closes with RST-ACK after receiving data from the \(peer) that it did not"
                + " answer: the application left the data unread, or uses SO_LINGER 0.\(all)"
        case .answered:
            return
                "The \(endName) closes with RST-ACK after its answer: the application left some of the"
                + " \(peer)'s data unread, or uses SO_LINGER 0.\(all)"
        case .closedEarly:
            return
                "The \(endName) closed while the \(peer) was still sending: data that arrives after its FIN"
                + " is answered with RST."
        case .farewell:
            return
                "The \(endName) closed first. The \(peer)'s closing message (at most \(words.measure) bytes,"
                + " sent just before its own FIN) is answered with RST; no requested data is lost."
        case .inHandshake:
            return
                "The \(endName) answers the SYN-ACK with RST: it gave up, or only tested whether the port is"
                + " open."
        case .atOnce:
            return
                words.end == .server
                ? "The server resets the connection before either side sends a byte: it rejects this"
                    + " client, or is shutting down.\(all)"
                : "The client opens the connection and resets it before either side sends a byte: it only"
                    + " tested whether the port is open, or gave up.\(all)"
        case .bare:
            return
                "The \(endName) ends a live connection with a RST without ACK that answers nothing: Windows"
                + " and some other stacks abort this way."
        case .afterFIN:
            return
                "The \(endName) sends its FIN and then a RST, without waiting for the \(peer)'s FIN: its"
                + " application has ended, or it keeps no half-closed connections. No data from the \(peer) is lost."
        case .reset:
            return
                "The server answers the segment after the SYN-ACK with a RST without ACK: it holds no socket"
                + " for the connection. Its accept queue was full (tcp_abort_on_overflow), its listener was"
                + " closed, or a different host answered the SYN.\(all)"
        case .inFlight:
            return
                "The \(endName) ended the connection while data was in flight to it, and answers that data"
                + " with RST: its application gave up."
        case .timer:
            return
                "The \(endName)'s keepalive probe is not answered and it gives up with RST: TCP_USER_TIMEOUT,"
                + " or the keepalive limit."
        case .idle:
            return
                "The \(endName) resets a connection on which nothing was outstanding: a kernel timer"
                + " (keepalive, TCP_USER_TIMEOUT), or an application that exits or drops idle connections."
        case .unaccepted:
            return
                "After a silence the server resets a connection on which it never sent a byte of data: its"
                + " application may not have accepted the connection before the listening socket was closed, or"
                + " it drops idle connections.\(all)"
        case .listenerClosed:
            return
                "The \(endName) resets, all at once, connections that its application had not accepted: the"
                + " listening socket was closed."
        default:
            return
                "The \(endName) closes a live connection with RST while no data from the \(peer) waits for an"
                + " answer: a deliberate abort, SO_LINGER 0, or an answer left unread.\(all)"
        }
    }

    static let rivals: [Rival] = [.forgedReset, .noSocket]

    static func remedy(_ words: Words) -> [String] {
        switch words.form {
        case .closedEarly, .unread, .answered:
            [
                "make the \(words.endName) application read to the end before it closes; look for SO_LINGER 0"
            ]
        case .atOnce where words.end == .client: []
        case .atOnce:
            [
                "on the \(words.endName), read the application's log at that time: does an access list, a TCP"
                    + " wrapper or the TLS setup reject clients?"
            ]
        case .timer, .idle:
            [
                "on the \(words.endName), run `ss -tno \(words.ss(words.end))` and check TCP_USER_TIMEOUT and"
                    + " the keepalive settings: one lost probe should not end a connection"
            ]
        case .farewell, .inHandshake, .afterFIN: []
        case .reset:
            [
                "on the server, run `nstat -az TcpExtListenOverflows` and `sysctl"
                    + " net.ipv4.tcp_abort_on_overflow`; was the program restarted at that time?"
            ]
        case .listenerClosed, .unaccepted:
            ["on the server, check `journalctl --since` at the time above: was it restarted?"]
        default:
            [
                "look for SO_LINGER 0 in the \(words.endName) application; browsers and proxies also abort"
                    + " connections that they no longer need"
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
        if let gap = connection.gaps.latest, gap.unanswered >= 3,
            connection.role(gap.breaker) == sender
        {
            return finding(
                .keepaliveFailed, reset, form: .reset, by: sender, fault: .path, .warning,
                .inferred,
                length: (reset.time - gap.start) / (Int(gap.unanswered) + 1),
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
            return sender == .server && end.payload == 0 ? .unaccepted : .idle
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
