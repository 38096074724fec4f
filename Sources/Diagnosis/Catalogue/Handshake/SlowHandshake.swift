internal import TCPState
internal import Wire

/// SLOW HANDSHAKE: the connection opens, but about a second late or more, since the SYN had to be sent again:
/// the first ones, or the answers to them, were lost or dropped. Where what the SYN asks for decides (ECN,
/// fast open, another option), a box does not like it; where only some suffer, a rate limit, a full SYN queue,
/// a race in connection tracking or plain loss.
enum SlowHandshake: CatalogueEntry {
    static let name = "slow-handshake"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .sampled]
    static let thresholds: [Thresholds.Name] = [.slowHandshake]
    static let summary = "connections open late because the SYN has to be retransmitted"
    static let definition =
        "The connection opens, but a second or more late, because the first SYN or the answer to"
        + " it was lost or dropped. Where only SYNs with a certain option (ECN, fast open) are affected, a"
        + " device on the path drops them."

    static func title(_ words: Words) -> String {
        words.form == .byOption
            ? "SYNs with an option are dropped, SYNs without it get through"
            : "connections open late because the SYN has to be retransmitted"
    }

    static func sentence(_ words: Words) -> String {
        let others =
            words.measure > Int64(words.count)
            ? ", out of \(Count(words.measure)) that opened; the others opened at once" : ""
        let start =
            "\(words.they("A connection", "\(Count(words.count)) connections")) opened only after"
            + " \(words.lengthText), with a retransmitted SYN\(others)."
        switch words.form {
        case .byOption:
            return start
                + " The SYN that got through requests less than those before it (no ECN, fast open data or"
                + " other option): a device on the path drops SYNs with options that it does not know."
        case .returnPath:
            return start + " The server had answered: its SYN-ACK was lost on the return path."
        default:
            return start
                + " The earlier SYNs were lost or dropped: random loss, a rate limit, a full SYN queue, a"
                + " wrong checksum, or a race in connection tracking."
        }
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, run \(words.capture): does the first SYN arrive?",
            words.form == .byOption
                ? "until the device is found: `sysctl -w net.ipv4.tcp_ecn=0`, `net.ipv4.tcp_fastopen=0`"
                : "on hosts and devices on the path, check `conntrack -S` (insert_failed, drop) and limits"
                    + " in `nft list ruleset`; on the server, `nstat -az TcpExtListenDrops"
                    + " TcpExtTCPReqQFullDrop`",
        ]
    }
}

extension ConnectionExaminer {
    /// A handshake that was completed after its SYN was repeated.
    var slowHandshake: Finding? {
        guard client.hasSentSYN, server.hasSentSYN, client.synCount > 1,
            server.sendUnacknowledged > server.initialSendSequence || server.synCount == 1,
            client.rstCount == 0 || client.payload + server.payload > 0,
            rareFacts?.supersededPeerState == nil
        else { return nil }
        let answered = server.first.time - connection.firstSeen
        let later = rareFacts?.laterSYN
        let isLost =
            server.synCount > 1 && server.sendUnacknowledged > server.initialSendSequence
            && later.map { $0.time - connection.firstSeen >= limits[.slowHandshake] } ?? false
        // On a long path the answer to the first SYN may come after the second.
        let isLate = answered >= limits[.slowHandshake] + (server.roundTrip ?? 0) * 3 / 4
        guard isLate || isLost else { return nil }
        let isByOption =
            answered >= limits[.slowHandshake]
            && later.map { isPlainer($0, than: client.first) } ?? false
        return Finding(
            .slowHandshake,
            isByOption ? .byOption : answered < limits[.slowHandshake] ? .returnPath : .usual,
            end: .client, fault: .path, .notice, .inferred, since: connection.firstSeen,
            length: max(answered, limits[.slowHandshake]), count: Int(client.synCount),
            frame: connection.firstFrame)
    }

    /// Whether a repeated SYN asks for less than the first.
    private func isPlainer(_ later: FirstSegment, than first: FirstSegment) -> Bool {
        later.flags != first.flags || later.options != first.options
            || client.seen.contains(.fastOpen)
    }
}
