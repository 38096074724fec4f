internal import TCPState
internal import Wire

/// The words of `half-open-peer-restarted`.
enum HalfOpenPeerRestarted: CatalogueEntry {
    static let name = "half-open-peer-restarted"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name) no longer knows the connection"
    }

    static func sentence(_ words: Words) -> String {
        let unseen =
            words.form == .unseen
            ? " The capture does not show the connection's beginning: it may have been over for long."
            : ""
        return
            "What the \(words.peer) sends is answered by a RST without ACK: the \(words.owner)'s host has"
            + " no such socket, and sent no FIN here. It restarted or failed over, or another"
            + " host answers now.\(unseen)"
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
    /// A RST without ACK from an end that has sent no FIN.
    ///
    /// HALF-OPEN, PEER RESTARTED: both ends had exchanged something, then the end was silent for a second
    /// or more, and what the other sends next (data, a keepalive) is answered at once by a RST without ACK,
    /// numbered by the acknowledgment of what it answers: there is no such socket. The host
    /// restarted or failed over, or a balancer sent the segment to another one. No host restarts in less.
    ///
    /// ABORTIVE CLOSE otherwise: the end had just sent something, or the RST answers nothing.
    func withoutSocket(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let answers = isAnswer(reset, sender)
        let isKnown = !hasSentRSTsOnly(sender)
        guard answers, reset.quiet >= limits[.restart] || !isKnown else {
            let isInFlight = answers && reset.isAfterData
            return finding(
                .abortiveClose, reset, form: isInFlight ? .inFlight : .bare, by: sender,
                fault: Fault(sender), .notice, .proved)
        }
        // Without an earlier exchange the capture does not show that there was a socket before.
        return finding(
            .halfOpenPeerRestarted, reset, form: isKnown ? .usual : .unseen, by: sender,
            fault: Fault(sender), isKnown ? .warning : .notice, isKnown ? .proved : .assumed,
            length: reset.silence, from: rareFacts?.gap?.frame)
    }
}
