internal import TCPState
internal import Wire

/// SYN QUEUE DROP: the tap is on the server, SYNs arrive there and are not answered, while others of the same
/// port are, and their repetitions a second later: the server's own host drops them. Its queue of half-open
/// connections is full (`tcp_max_syn_backlog`, with SYN cookies off), or a rule of its firewall limits the rate.
/// Not where SYNs have wrong checksums, which every host drops.
enum SYNQueueDrop: CatalogueEntry {
    static let name = "syn-queue-drop"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled]
    static let summary = "the server's host drops SYNs that reach it"
    static let definition =
        "The capture was taken on the server. SYNs arrive there and are answered only when they are retransmitted,"
        + " while others are answered at once: the queue of half-open connections is full, or a firewall rule on the"
        + " host limits their rate. SYNs with a wrong checksum are dropped by every host and do not count."

    static func title(_ words: Words) -> String {
        "the server's host drops SYNs that reach it"
    }

    static func sentence(_ words: Words) -> String {
        "\(words.they("A SYN", "\(Count(words.count)) SYNs")) reached the server and"
            + " \(words.they("was", "were")) answered only when retransmitted, after \(words.lengthText),"
            + " while others were answered at once: the queue of half-open connections is full, or a"
            + " firewall rule on the host limits their rate."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, check which counter grows: `nstat -az TcpExtTCPReqQFullDrop"
                + " TcpExtTCPReqQFullDoCookies TcpExtListenDrops`",
            "set `sysctl -w net.ipv4.tcp_syncookies=1`, raise net.ipv4.tcp_max_syn_backlog and the"
                + " listen() backlog; otherwise look for limits in `nft list ruleset`",
        ]
    }
}

extension FindingAggregator {
    /// Slow handshakes whose SYN went past a tap on the server's host are that host's doing.
    func applyQueueDropRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard facts.hasCheckedSYNs, !facts.hasBrokenSYNs else { return }
        for key in all.keys.filter({ $0.diagnosis == .slowHandshake }) {
            guard let service = key.service, facts.servers.contains(service.address),
                var group = all[key], group.form == .usual
            else { continue }
            all[key] = nil
            group.key.diagnosis = .synQueueDrop
            group.key.end = .server
            group.key.fault = .server
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }
}
