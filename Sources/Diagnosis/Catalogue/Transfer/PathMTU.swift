internal import TCPState
internal import Wire

/// PATH MTU BLACKHOLE: full-size segments are sent again and again and never acknowledged, while smaller ones
/// get through both ways: a link takes less than the ends believe, and the ICMP message that says so is
/// dropped on its way back (RFC 2923).
enum PathMTU: CatalogueEntry {
    static let name = "pmtu-blackhole"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled, .oneDirection]

    static func title(_ words: Words) -> String {
        "large segments of the \(words.owner) do not get through, small ones do"
    }

    static func sentence(_ words: Words) -> String {
        let icmp = words.icmp.map { " ICMP says so: \($0)." } ?? ""
        return
            "The \(words.owner) repeats segments of \(words.lengthBytes) bytes of payload in vain, while"
            + " the \(words.peer) receives smaller ones and answers: only size decides. The path's MTU is"
            + " smaller than the ends believe, and the ICMP \"fragmentation needed\" does not arrive.\(icmp)"
    }

    static func refutation(_ words: Words) -> String {
        words.grade == .proved
            ? "" : "the lost segments are lost by chance: others of that size arrive"
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "`ping -M do -s 1472 \(words.end == .server ? words.other : words.server)` from the"
                + " \(words.owner), then smaller: what is the largest that is answered?",
            "let ICMP type 3 code 4 (ICMPv6 type 2) through, or clamp: `nft add rule ... tcp flags syn tcp"
                + " option maxseg size set rt mtu`; `sysctl -w net.ipv4.tcp_mtu_probing=1` on the"
                + " \(words.owner)",
        ]
    }
}

extension ConnectionExaminer {
    /// A path MTU hole, where what an end repeats is large and its peer is shown to be alive meanwhile.
    func pathMTU(_ sender: Role) -> Finding? {
        let end = self[sender]
        let peer = self[sender.peer]
        guard let rareFacts, end.unacknowledgedBytes > 0 else { return nil }
        let repeated = rareFacts.repeated[connection.side(sender).rawValue]
        let offers = [end.first.maximumSegmentSize, peer.first.maximumSegmentSize].filter { $0 > 0 }
        let full = offers.min().map { UInt32($0) * 9 / 10 - 12 } ?? 1_100
        guard repeated.length >= max(full, 500) else { return nil }
        let reports = peer.seen.contains(.reportsHole) && peer.hole == end.sendUnacknowledged
        let tooBig = rareFacts.icmp?.error.nextHopMTU != nil
        // Later than an acknowledgment of what came before the hole.
        let isAlive = peer.lastSent - end.unacknowledgedSince > 1_000_000_000
        guard reports || tooBig || isAlive else { return nil }
        return Finding(
            .pathMTU, end: sender, fault: .path, .warning,
            reports || tooBig ? .proved : .inferred, since: end.unacknowledgedSince,
            length: Int64(repeated.length), count: Int(end.unansweredRetransmissions),
            frame: rareFacts.icmp?.frame ?? connection.lastFrame, laterFrame: connection.lastFrame)
    }
}
