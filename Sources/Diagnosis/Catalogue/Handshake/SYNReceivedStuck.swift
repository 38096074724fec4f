internal import TCPState
internal import Wire

/// The words of `syn-recv-stuck`.
enum SYNReceivedStuck: CatalogueEntry {
    static let name = "syn-recv-stuck"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [.repeating]
    static let summary = "the SYN-ACK is not acknowledged"
    static let definition =
        "The server keeps resending SYN-ACK and no acknowledgment of it arrives. If the client keeps"
        + " resending its SYN, the SYN-ACK does not reach it; if the client is silent, it is gone, or its"
        + " address was forged."

    static func title(_ words: Words) -> String { "the SYN-ACK is not acknowledged" }

    static func sentence(_ words: Words) -> String {
        switch words.form {
        case .returnPath:
            return
                "The server keeps resending SYN-ACK and the client keeps resending SYN: the SYN-ACK"
                + " does not reach the client."
        case .unseen:
            return
                "The SYN-ACK is not acknowledged, and neither SYN nor SYN-ACK is retransmitted. Either the"
                + " client's final ACK of the handshake was lost and the server keeps no state for it (SYN cookies), or the"
                + " client is gone."
        case .inVain:
            return
                "The client answers, yet the server keeps resending SYN-ACK, and no connection to this port"
                + " succeeds. Either the client's segments are dropped on the path (a stateful firewall that"
                + " sees one direction only), or the server's queue is full. This capture cannot tell which."
        case .blocked:
            return
                "The server keeps resending SYN-ACK and nothing comes back, although the same client"
                + " completes other handshakes in this capture and does not resend its SYN: it has received"
                + " the SYN-ACK, and what it sends to this port is dropped on the path."
        case .silence:
            return
                "The server keeps resending SYN-ACK\(words.counted("sent")) and the client is silent: it is"
                + " gone, or its address was forged."
        default:
            return
                "The server keeps resending SYN-ACK although the client has answered: the answer was"
                + " lost, or the server waits for data (TCP_DEFER_ACCEPT)."
        }
    }

    static let rivals: [Rival] = [
        Rival(.returnPath) { words in
            "the client answers and its ACK is lost: on the client, run \(words.capture)"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        switch words.form {
        case .returnPath:
            [
                "from the server, `traceroute -T -p \(words.port) \(words.other)`; check the filters on the"
                    + " return path"
            ]
        case .inVain:
            [
                "on the server, run \(words.capture): if the client's ACK does not arrive, look for a"
                    + " stateful firewall that sees only one direction of the connection",
                "otherwise run `ss -lnt \(words.ss(.server))` there: Recv-Q above Send-Q means a full"
                    + " accept queue",
            ]
        case .blocked:
            [
                "on firewalls between \(words.other) and the server, check `conntrack -S` and `nft list"
                    + " ruleset`: does one see only one direction, or drop INVALID?",
                "on the client, run \(words.capture): does it send its ACK?",
            ]
        case .unseen:
            [
                "on the server, check `nstat -az TcpExtSyncookiesSent TcpExtSyncookiesRecv`",
                "give the client a timeout, or let it send first: it holds a connection that the server"
                    + " does not know",
            ]
        default: ["on the server, `ss -tn state syn-recv \(words.ss(.server))` lists the sockets"]
        }
    }
}

extension ConnectionExaminer {
    /// A SYN,ACK that is neither acknowledged nor repeated: with SYN cookies a server keeps nothing.
    var unansweredSYNACK: Finding? {
        guard server.hasSentSYN, client.hasSentSYN, client.synCount == 1, server.synCount == 1,
            client.hasSentSYNsOnly, server.hasSentSYNsOnly, now - server.lastSent >= 5_000_000_000,
            !connection.anomalies.contains(.simultaneousOpen)
        else { return nil }
        return Finding(
            .synReceivedStuck, .unseen, end: .server, fault: .path, .notice, .inferred,
            since: server.first.time, length: now - server.first.time,
            frame: connection.firstFrame, laterFrame: connection.lastFrame)
    }

    /// SYN-RECEIVED STUCK: the SYN,ACK is repeated and no acknowledgment of it comes. If the client
    /// repeats its SYN, the SYN,ACK does not reach it; if it is silent, it is gone or never was.
    ///
    /// ACCEPT QUEUE FULL, one connection of it: the acknowledgment has come, with data even, and the
    /// server goes on repeating its SYN,ACK: it holds no socket for the client yet. With SYN cookies it
    /// repeats nothing: see ``unansweredData``.
    var unacknowledgedSYNACK: Finding? {
        guard server.hasSentSYN, server.hasSentSYNsOnly,
            connection.isOpenerKnown, !connection.anomalies.contains(.simultaneousOpen)
        else { return nil }
        guard server.synCount > 1, repeats(.server, since: server.controlSeen) else { return nil }
        if server.sendUnacknowledged > server.initialSendSequence {
            // With TCP_DEFER_ACCEPT a server repeats its SYN,ACK only until data have come.
            let isUnread =
                (client.payload > 0 || client.hasSentFIN)
                && (server.lastSent > client.lastNew || client.unansweredRetransmissions > 0)
            return Finding(
                .acceptQueueFull, isUnread ? .unread : .usual,
                end: .server, fault: .server, .warning, .inferred, since: connection.firstSeen,
                length: connection.lastSeen - connection.firstSeen, count: Int(server.synCount),
                frame: connection.firstFrame, laterFrame: connection.lastFrame)
        }
        let isAsking = client.synCount > 1
        // The answer to the latest may be on its way; a repeated SYN is answered at once, whatever the timer does.
        let isSettled =
            server.lastSent - server.controlSeen >= 3_000_000_000
            || now - server.lastSent >= 1_000_000_000
        return Finding(
            .synReceivedStuck, isAsking ? .returnPath : .silence, end: .server,
            fault: isAsking ? .path : .client, isAsking ? .warning : .notice, .inferred,
            isSettled: isSettled, since: server.controlSeen,
            length: server.lastSent - server.controlSeen,
            count: Int(server.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
