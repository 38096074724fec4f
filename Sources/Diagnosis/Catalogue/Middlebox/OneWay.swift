internal import TCPState
internal import Wire

/// The words of `asymmetric-or-one-way`.
enum OneWay: CatalogueEntry {
    static let name = "asymmetric-or-one-way"

    static func title(_ words: Words) -> String {
        "the capture shows only what the \(words.key.end.name)s send"
    }

    static func sentence(_ words: Words) -> String {
        return
            "\(words.they("A connection", "\(words.count) connections")) with one direction only, though it"
            + " acknowledges the other. Nothing is said about the ends that are not seen."
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "capture both directions: `tcpdump -i any`, or both ports of the mirror, and a filter"
                + " that names no direction"
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
        guard end.packets > UInt64(end.synCount) + UInt64(end.rstCount), end.packets > 1,
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
