internal import TCPState
internal import Wire

/// RST NOT DELIVERED: an end answers each copy of its peer's data by RST, with the right number, and the peer goes
/// on repeating: the RSTs go past the tap and do not arrive. A firewall on the way drops them, for instance as
/// INVALID since it has forgotten the connection, and the peer keeps its socket until its retries run out.
enum ResetNotDelivered: CatalogueEntry {
    static let name = "rst-not-delivered"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled]

    static func title(_ words: Words) -> String {
        "the \(words.owner)'s RSTs do not reach the \(words.peer)"
    }

    static func sentence(_ words: Words) -> String {
        "The \(words.owner) has no socket any more and answers each copy of the \(words.peer)'s data by RST"
            + " (\(words.examples.map(\.finding.count).max() ?? 0) of them here), and the \(words.peer) goes"
            + " on repeating for \(words.lengthText): the RSTs are dropped behind the tap."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "\(words.capture) on the \(words.peer) shows whether the RSTs arrive",
            "on firewalls of the way: rules that drop RSTs or what conntrack calls INVALID: `nft list"
                + " ruleset`, `conntrack -S`",
            "the \(words.peer)'s sockets go by themselves when its retries run out; TCP_USER_TIMEOUT ends"
                + " them sooner",
        ]
    }
}

extension ConnectionExaminer {
    /// Three RSTs or more of an end, each with a segment of its peer after it that the peer repeats.
    func undelivered(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let end = self[sender]
        let peer = self[sender.peer]
        guard !reset.isMutual, end.rstCount >= 3, reset.receiverLife >= 2,
            peer.unansweredRetransmissions >= 2, peer.payload > 0
        else { return nil }
        return finding(
            .resetNotDelivered, reset, by: sender, fault: .path, .warning, .inferred,
            length: peer.lastSent - reset.time, count: Int(end.rstCount))
    }
}
