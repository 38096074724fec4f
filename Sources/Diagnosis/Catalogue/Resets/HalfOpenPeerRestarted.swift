internal import TCPState
internal import Wire

/// The words of `half-open-peer-restarted`.
enum HalfOpenPeerRestarted: CatalogueEntry {
    static let name = "half-open-peer-restarted"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name) no longer knows the connection"
    }

    static func sentence(_ words: Words) -> String {
        return
            "What the \(words.peer) sends is answered by a RST without ACK: the \(words.owner)'s host has"
            + " no such socket, and never sent a FIN. It restarted or failed over, or another"
            + " host answers now."
    }

    static func refutation(_ words: Words) -> String {
        "the FIN of the \(words.key.end.name) is missing from the capture"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "on the \(words.end.name): `journalctl --since` the time above: a restart, a failover?",
            "keepalives shorter than the pause, and pools that test connections before use",
        ]
    }
}

extension ConnectionExaminer {
    /// HALF-OPEN, PEER RESTARTED: an established connection, and what one end sends (data, a keepalive)
    /// is answered by a RST without ACK, numbered by the acknowledgment of what it answers: there is no
    /// such socket. The host restarted or failed over, or a balancer sent the segment to another one.
    func peerRestarted(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        finding(
            .halfOpenPeerRestarted, reset, by: sender, fault: Fault(sender), .warning, .proved,
            length: reset.silence, from: rareFacts?.gap?.frame)
    }
}
