internal import TCPState
internal import Wire

/// The words of `accept-queue-full`.
enum AcceptQueueFull: CatalogueEntry {
    static let name = "accept-queue-full"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]

    static func title(_ words: Words) -> String {
        "the server's accept queue is full"
    }

    static func sentence(_ words: Words) -> String {
        let more =
            words.related == 0 ? "" : " \(words.related) more attempts were not answered meanwhile."
        let how =
            switch words.form {
            case .reset: "The server answers the clients' last ACK by RST"
            case .silence: "SYNs are not answered, though other handshakes succeed meanwhile"
            default:
                "The clients' last ACK, and data even, has come, and the server acknowledges"
                    + " nothing, or repeats its SYN,ACK"
            }
        return "\(how): the program does not accept connections fast enough.\(more)"
    }

    static func refutation(_ words: Words) -> String {
        "`nstat -az TcpExtListenOverflows` does not grow on the server"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "on the server: `ss -lnt \(words.ss(.server))`: Recv-Q above Send-Q is a full queue",
            "accept faster (more workers), or raise listen()'s backlog and"
                + " net.core.somaxconn together",
        ]
    }
}

extension ConnectionExaminer {
    /// ACCEPT QUEUE FULL, aborting: the server has sent nothing but SYN,ACK and then answers the
    /// client's ACK or data by RST (`tcp_abort_on_overflow`, or a listener that was closed). A client
    /// that resets what it has not opened gave up, or never asked; but one that repeats the same SYN
    /// afterwards wants the connection and does not know the answer: NAT BYPASSED.
    func inHandshake(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        guard server.hasSentSYN, server.payload == 0, !server.hasSentFIN,
            server.packets == UInt64(server.synCount) + UInt64(server.rstCount)
        else { return nil }
        if sender == .server, client.packets > UInt64(client.synCount), reset.form == .stateless,
            !cameAnotherWay(reset, sender), reset.oddOthers == 0
        {
            return finding(
                .acceptQueueFull, reset, form: .reset, by: .server, fault: .server, .warning,
                .inferred,
                from: connection.firstFrame)
        }
        guard sender == .client, client.payload == 0,
            client.packets == UInt64(client.synCount) + UInt64(client.rstCount)
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
