internal import TCPState
internal import Wire

/// The words of `retransmit-until-death`.
enum RetransmitUntilDeath: CatalogueEntry {
    static let name = "retransmit-until-death"
    static let doubts: Set<CaptureFlaw.Kind> = [
        .lostPackets, .holes, .missingFile, .sampled, .oneDirection,
    ]

    static func title(_ words: Words) -> String {
        "what the \(words.key.end.name) sends is not acknowledged"
    }

    static func sentence(_ words: Words) -> String {
        return
            "The \(words.owner) repeats the same data at growing distances: the \(words.peer)'s host or the"
            + " way to it is gone. When the \(words.owner) gives up, no packet says so."
    }

    static func refutation(_ words: Words) -> String {
        "a capture at the \(words.key.end.peer.name) shows its answers"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "is the \(words.end.peer.name) up? `ping \(words.end == .server ? words.other : words.server)`",
            "TCP_USER_TIMEOUT on the \(words.end.name) ends this sooner, a keepalive on its peer frees"
                + " the other half",
        ]
    }
}

extension ConnectionExaminer {
    /// RETRANSMIT UNTIL DEATH: data is sent again and again, at growing distances, and nothing is
    /// acknowledged: the peer or the way to it is gone. When the sender gives up, without a packet, its
    /// peer still believes in the connection.
    ///
    /// IDLE-TIMEOUT BLACKHOLE, one connection of it: the same right after a silence. A device on the
    /// way may have forgotten the connection; the service's other connections decide.
    var unansweredData: Finding? {
        guard
            let sender = role(where: { role in
                Int64(self[role].unansweredRetransmissions) >= limits[.retransmissions]
                    && !self[role.peer].seen.contains(.zeroWindow)
                    && repeats(role, since: self[role].unacknowledgedSince)
            })
        else { return nil }
        let end = self[sender]
        let peer = self[sender.peer]
        guard peer.hasSent, end.state.isSynchronized || end.state == .closed else { return nil }
        let silence = end.unacknowledgedSince - peer.lastSent
        let count = Int(end.unansweredRetransmissions)
        if silence >= limits[.idle] {
            return Finding(
                .idleTimeoutBlackhole, end: sender, fault: .middlebox, .warning, .inferred,
                since: end.unacknowledgedSince, length: silence, count: count,
                frame: rareFacts?.gap?.frame ?? connection.lastFrame,
                laterFrame: connection.lastFrame)
        }
        let isNew = sender == .client && server.packets == UInt64(server.synCount)
        return Finding(
            .retransmitUntilDeath, isNew ? .inHandshake : .usual, end: sender, fault: .path,
            Int64(count) >= limits[.retransmissionsFatal] ? .warning : .notice, .inferred,
            since: end.unacknowledgedSince, length: end.lastSent - end.unacknowledgedSince,
            count: count, frame: connection.lastFrame)
    }
}
