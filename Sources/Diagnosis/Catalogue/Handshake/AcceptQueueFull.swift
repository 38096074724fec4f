internal import TCPState
internal import Wire

/// The words of `accept-queue-full`.
enum AcceptQueueFull: CatalogueEntry {
    static let name = "accept-queue-full"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [.queueCount, .repeating]
    static let summary = "the server's accept queue is full"
    static let definition =
        "The handshake is complete on the wire, and the server behaves as if it were not: it"
        + " acknowledges nothing, resends SYN-ACK, or answers with RST (tcp_abort_on_overflow). The queue"
        + " of connections that wait for accept() is full."

    static func title(_ words: Words) -> String { "the server's accept queue is full" }

    static func sentence(_ words: Words) -> String {
        let more =
            words.related == 0
            ? "" : " \(Count(words.related)) more attempts went unanswered meanwhile."
        let how =
            switch words.form {
            case .reset: "The server answers the client's final ACK with RST."
            case .silence:
                "The server does not answer SYNs, while other handshakes to the same port succeed."
            default:
                "The client's final ACK (and data) arrived, but the server acknowledges nothing or keeps"
                    + " resending SYN-ACK."
            }
        return "\(how) The application does not accept connections fast enough.\(more)"
    }

    static let rivals: [Rival] = [
        Rival(.returnPath) { _ in
            "the client's ACKs are lost before the server: on it, does `nstat -az TcpExtListenOverflows` grow?"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, run `ss -lnt \(words.ss(.server))`: Recv-Q above Send-Q means a full queue",
            "accept faster (more workers), or raise both the listen() backlog and net.core.somaxconn",
        ]
    }
}

extension ConnectionExaminer {
    /// ACCEPT QUEUE FULL, aborting: the server has sent nothing but SYN,ACK and then answers the
    /// client's first ACK or data by RST (`tcp_abort_on_overflow`, or a listener that was closed). A client
    /// that resets what it has not opened gave up, or never asked; but one that repeats the same SYN
    /// afterwards wants the connection and does not know the answer: NAT BYPASSED.
    func inHandshake(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        guard server.hasSentSYN, server.payload == 0, !server.hasSentFIN,
            server.packetsBesidesControl == 0
        else { return nil }
        // An ACK that is not answered by RST has opened the connection.
        if sender == .server, !client.hasSentSYNsOnly, reset.form == .stateless,
            reset.quiet < limits[.idle], !connection.anomalies.contains(.ackOfUnseenData),
            !cameAnotherWay(reset, sender), reset.oddOthers == 0
        {
            return finding(
                .acceptQueueFull, reset, form: .reset, by: .server, fault: .server, .warning,
                .inferred,
                from: connection.firstFrame)
        }
        guard sender == .client, client.payload == 0,
            client.packetsBesidesControl == 0
        else { return nil }
        if client.hasSentSYN, client.synCount > 1, reset.lifeSigns > 0 {
            return Finding(
                .natBypassed, .usual, end: .server, fault: .middlebox, .warning, .inferred,
                since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
                count: Int(client.synCount), frame: connection.firstFrame, laterFrame: reset.frame)
        }
        return finding(
            .abortiveClose, reset, form: .inHandshake, by: .client, fault: .client, .notice, .proved
        )
    }
}
