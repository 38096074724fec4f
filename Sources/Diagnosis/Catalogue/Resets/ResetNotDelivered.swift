internal import TCPState
internal import Wire

/// RST NOT DELIVERED: an end answers each copy of its peer's data by RST, with the right number, and the peer goes
/// on repeating: the RSTs go past the tap and do not arrive. A firewall on the way drops them, for instance as
/// INVALID since it has forgotten the connection, and the peer keeps its socket until its retries run out.
enum ResetNotDelivered: CatalogueEntry {
    static let name = "rst-not-delivered"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled]
    static let summary = "RSTs do not reach the other end"
    static let definition =
        "One end answers each copy of its peer's data with a RST that has the right sequence number, and the peer keeps"
        + " retransmitting: the RSTs are dropped between the capture point and the peer, for example by a firewall that"
        + " has forgotten the connection."

    static func title(_ words: Words) -> String {
        "the \(words.endName)'s RSTs do not reach the \(words.peer)"
    }

    static func sentence(_ words: Words) -> String {
        "The \(words.endName) answers each copy of the \(words.peer)'s data with RST\(words.counted("sent")), and"
            + " the \(words.peer) keeps retransmitting for \(words.lengthText): the RSTs are dropped between"
            + " the capture point and the \(words.peer)."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.peer), run \(words.capture): do the RSTs arrive?",
            "on firewalls on the path, look for rules that drop RSTs, or packets that conntrack marks INVALID: `nft"
                + " list ruleset`, `conntrack -S`",
            "TCP_USER_TIMEOUT on the \(words.peer) frees its sockets sooner than its retries do",
        ]
    }
}

extension ConnectionExaminer {
    /// Three RSTs or more of an end, each with a segment of its peer after it that the peer repeats, for longer
    /// than what was on its way may take.
    func undelivered(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let end = self[sender]
        let peer = self[sender.peer]
        guard !reset.isMutual, end.rstCount >= 3, reset.receiverLife >= 2,
            peer.unansweredRetransmissions >= 2, peer.payload > 0,
            repeats(sender.peer, since: reset.time)
        else { return nil }
        return finding(
            .resetNotDelivered, reset, by: sender, fault: .path, .warning, .inferred,
            length: peer.lastSent - reset.time, count: Int(end.rstCount))
    }
}
