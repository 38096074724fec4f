internal import TCPState
internal import Wire

/// The words of `half-open-peer-restarted`.
enum HalfOpenPeerRestarted: CatalogueEntry {
    static let name = "half-open-peer-restarted"
    static let thresholds: [Thresholds.Name] = [.restart, .idle]
    static let summary = "a host no longer knows the connection"
    static let definition =
        "After a silence, an end that sent no FIN answers its peer's next segment with a RST without ACK:"
        + " its host has no such socket. It restarted or failed over, or a load balancer sent the segment"
        + " to a different host."

    static func title(_ words: Words) -> String {
        "the \(words.endName) no longer knows the connection"
    }

    static func sentence(_ words: Words) -> String {
        let unseen =
            words.form == .unseen
            ? " Part of the connection is missing from the capture: it may have ended there." : ""
        return
            "The \(words.endName) answers the \(words.peer)'s segment with a RST without ACK: its host has no"
            + " such socket, and it sent no FIN in this capture. It restarted or failed over, or a"
            + " different host answers now.\(unseen)"
    }

    static let rivals: [Rival] = [
        .forgedReset, .secondHost, .ownAbort, .notCaptured, .idleTimeout,
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.endName), check `journalctl --since` at the time above for a restart or failover",
            "use keepalives shorter than the silence, and pools that test connections before use",
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
        let hasSpoken = !hasSentRSTsOnly(sender)
        guard answers, reset.quiet >= limits[.restart] || !hasSpoken else {
            let isInFlight = answers && reset.isAfterData
            return finding(
                .abortiveClose, reset, form: isInFlight ? .inFlight : .bare, by: sender,
                fault: Fault(sender), .notice, .proved)
        }
        // Without an earlier exchange the capture does not show that there was a socket before; where it misses
        // segments of the end, its FIN may be one of them.
        let isKnown = hasSpoken && !connection.anomalies.contains(.ackOfUnseenData)
        return finding(
            .halfOpenPeerRestarted, reset, form: isKnown ? .usual : .unseen, by: sender,
            fault: Fault(sender), isKnown ? .warning : .notice, isKnown ? .proved : .assumed,
            length: reset.silence, from: connection.gaps.latest?.frame)
    }
}
