internal import TCPState
internal import Wire

/// The words of `asymmetric-or-one-way`.
enum OneWay: CatalogueEntry {
    static let name = "asymmetric-or-one-way"
    static let summary = "only one direction was captured"
    static let definition =
        "The capture has only one direction of the connection, although the end that is seen"
        + " acknowledges data from the other. The other direction took a path that was not captured."

    static let rivals: [Rival] = [
        Rival(
            .silentPeer, ofConnection: { _, _ in .advances },
            doubt: { words in "the \(words.peer) is silent" })
    ]

    static func title(_ words: Words) -> String {
        "the capture has only what the \(words.endName) sends"
    }

    static func sentence(_ words: Words) -> String {
        "\(words.they("A connection was", "\(Count(words.count)) connections were")) captured in one"
            + " direction only, although the \(words.endName) acknowledges the other. Nothing can be said"
            + " about the \(words.peer)."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "capture both directions: `tcpdump -i any`, or both ports of the mirror, with a filter without src and dst"
        ]
    }
}

extension ConnectionExaminer {
    /// ONE WAY: only one end was seen to send, and what it acknowledges advances over data that nobody was
    /// seen to send, or it completes a handshake whose other half is missing. The capture misses a
    /// direction; nothing can be said about the end that it does not show. Where the acknowledgments
    /// never move, the other end may as well be silent.
    var oneWay: Finding? {
        guard client.hasSent != server.hasSent else { return nil }
        let seen: Role = client.hasSent ? .client : .server
        let end = self[seen]
        // A SYN without an answer is no sign; nor are segments that may all be strays.
        guard end.packetsBesidesControl > 0, end.packets > 1,
            end.seen.contains(.received)
        else { return nil }
        let hidden = self[seen.peer]
        let moves = hidden.sendUnacknowledged != end.first.acknowledgmentNumber
        guard end.hasSentSYN || moves else { return nil }
        return Finding(
            .oneWay, end: seen, fault: .capture, .notice, .proved, since: connection.firstSeen,
            count: Int(clamping: end.packets), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
