internal import TCPState
internal import Wire

/// PATH MTU BLACKHOLE: full-size segments are sent again and again and never acknowledged, while smaller ones
/// get through both ways: a link takes less than the ends believe, and the ICMP message that says so is
/// dropped on its way back (RFC 2923).
enum PathMTU: CatalogueEntry {
    static let name = "pmtu-blackhole"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [.retransmissions]
    static let summary = "large segments do not get through, small ones do"
    static let definition =
        "Full-size segments are retransmitted and never acknowledged, while smaller ones get through in"
        + " both directions. A link on the path has a smaller MTU than the ends believe, and the ICMP"
        + " message that says so is dropped (RFC 2923)."

    static func title(_ words: Words) -> String {
        "large segments from the \(words.endName) do not get through, small ones do"
    }

    static func sentence(_ words: Words) -> String {
        "The \(words.endName) retransmits segments with \(words.lengthBytes) bytes of payload and they are"
            + " never acknowledged, while the \(words.peer) receives smaller ones and answers: only size"
            + " makes the difference. The path MTU is smaller than the ends believe, and the ICMP"
            + " \"fragmentation needed\" does not arrive.\(words.icmpReport)"
    }

    static let rivals: [Rival] = [
        Rival(
            .chance, ofConnection: { $0.onlySizeDecides($1) },
            doubt: { words in
                "random loss: from the \(words.endName), does `ping -M do -s 1472"
                    + " \(words.address(words.end.peer))` get through?"
            })
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "from the \(words.endName), `ping -M do -s 1472 \(words.end == .server ? words.other : words.server)`,"
                + " then smaller sizes: which is the largest that is answered?",
            "let ICMP type 3 code 4 (ICMPv6 type 2) through, or clamp: `nft add rule ... tcp flags syn tcp"
                + " option maxseg size set rt mtu`; on the \(words.endName), `sysctl -w"
                + " net.ipv4.tcp_mtu_probing=1`",
        ]
    }
}

extension ConnectionExaminer {
    /// The payload from which on a segment counts as large, in bytes: near the smaller of the sizes that the ends
    /// offer.
    private var fullSize: UInt32 {
        let offers = (client.first.maximumSegmentSize, server.first.maximumSegmentSize)
        let smaller =
            offers.0 == 0 || offers.1 == 0 ? max(offers.0, offers.1) : min(offers.0, offers.1)
        return max(512, smaller == 0 ? 1_112 : UInt32(smaller) * 9 / 10) - 12
    }

    /// A path MTU hole that the sender has found out: it repeated large segments in vain, then the same bytes in
    /// smaller ones (RFC 4821; Linux, `tcp_mtu_probing`), and goes on with those.
    var probedPathMTU: Finding? {
        guard let repetitions = rareFacts?.repeated,
            repetitions[0].shortened > 0 || repetitions[1].shortened > 0
        else { return nil }
        return probedPathMTU(.client, repetitions) ?? probedPathMTU(.server, repetitions)
    }

    private func probedPathMTU(
        _ sender: Role, _ repetitions: InlineArray<2, RareFacts.Repeated>
    ) -> Finding? {
        let repeated = repetitions[connection.side(sender).rawValue]
        guard repeated.shortened > 0, repeated.length >= fullSize,
            repeated.shortened < repeated.length * 9 / 10,
            self[sender].unansweredRetransmissions < 2
        else { return nil }
        return Finding(
            .pathMTU, .past, end: sender, fault: .path, .warning, .inferred,
            since: connection.firstSeen, length: TimeSpan(nanoseconds: Int64(repeated.length)),
            count: Int(repeated.count), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// A path MTU hole, where what an end repeats is large and its peer is shown to be alive meanwhile.
    func pathMTU(_ sender: Role) -> Finding? {
        let end = self[sender]
        let peer = self[sender.peer]
        guard let rareFacts, end.unacknowledgedBytes > 0 else { return nil }
        let repeated = rareFacts.repeated[connection.side(sender).rawValue]
        guard repeated.length >= fullSize else { return nil }
        let reports = peer.seen.contains(.reportsHole) && peer.hole == end.sendUnacknowledged
        let tooBig = rareFacts.icmp?.error.nextHopMTU != nil
        // Later than an acknowledgment of what came before the hole.
        let flight = min(peer.roundTrip ?? 1_000_000_000, 1_000_000_000) * 3 / 4
        let isAlive = peer.lastSent - end.unacknowledgedSince > flight
        guard reports || tooBig || isAlive else { return nil }
        return Finding(
            .pathMTU, end: sender, fault: .path, .warning,
            reports || tooBig ? .proved : .inferred, since: end.unacknowledgedSince,
            length: TimeSpan(nanoseconds: Int64(repeated.length)),
            count: Int(end.unansweredRetransmissions),
            frame: rareFacts.icmp?.frame ?? connection.lastFrame, laterFrame: connection.lastFrame)
    }

    /// That an ICMP message or SACK says that the large segment alone is missing.
    func onlySizeDecides(_ finding: Finding) -> Fact? {
        if let icmp = rareFacts?.icmp, icmp.error.nextHopMTU != nil {
            return .icmp(frame: icmp.frame)
        }
        let peer = self[finding.end.peer]
        return peer.seen.contains(.reportsHole)
            && peer.hole == self[finding.end].sendUnacknowledged ? .hole : nil
    }
}
