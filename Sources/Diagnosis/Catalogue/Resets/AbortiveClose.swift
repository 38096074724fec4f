internal import TCPState
internal import Wire

/// The words of `abortive-close`.
enum AbortiveClose: CatalogueEntry {
    static let name = "abortive-close"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name) closes by RST"
    }

    static func sentence(_ words: Words) -> String {
        switch words.form {
        case .unread:
            return "The \(words.owner) closes by RST with ACK, after data that it had not answered:"
                + " probably unread data in its queue, or linger 0."
        case .closedEarly:
            return
                "The \(words.owner) closed while the \(words.peer) still had to send: what comes after its FIN"
                + " is answered by RST."
        case .inHandshake:
            return
                "The \(words.owner) answers the SYN,ACK by RST: it gave up, or only wanted to know."
        default:
            return
                "The \(words.owner) closes a live connection by RST: linger 0, or an abort on purpose."
        }
    }

    static func refutation(_ words: Words) -> String {
        "the RST's numbers are those of a device on the way"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            words.form == .closedEarly || words.form == .unread
                ? "let the \(words.end.name)'s program read to the end before it closes"
                : "look for SO_LINGER 0 in the \(words.end.name)'s program; browsers and proxies also"
                    + " abort what nobody waits for"
        ]
    }
}

extension ConnectionExaminer {
    /// ABORTIVE CLOSE: a live socket is closed by RST: linger 0, or data that had come and was not
    /// read (RFC 2525, section 2.17; RFC 1122, section 4.2.2.13). KEEPALIVE FAILED and RETRANSMIT UNTIL
    /// DEATH where the end had waited for its peer in vain.
    func aborted(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let end = self[sender]
        if Int64(end.unansweredKeepalives) >= limits[.keepalives] {
            return finding(
                .keepaliveFailed, reset, form: .reset, by: sender, fault: .path, .warning, .proved,
                length: rareFacts?.probeInterval ?? 0, count: Int(end.unansweredKeepalives))
        }
        if Int64(end.unansweredRetransmissions) >= limits[.retransmissions] {
            return finding(
                .retransmitUntilDeath, reset, form: .reset, by: sender, fault: .path, .warning,
                .proved,
                length: reset.time - end.unacknowledgedSince,
                count: Int(end.unansweredRetransmissions))
        }
        let peer = self[sender.peer]
        let isUnread = peer.payload > 0 && peer.lastNew > end.lastNew
        return finding(
            .abortiveClose, reset, form: isUnread ? .unread : .usual, by: sender,
            fault: Fault(sender), .notice, .proved)
    }

    /// A RST for an end that had closed before: the rest of another finding, or a half-open connection
    /// that has ended now.
    func afterTheEnd(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        if self[sender].unansweredRetransmissions >= UInt16(limits[.retransmissions]) { return nil }
        if connection.anomalies.contains(.lostAfterTap), self[sender].rstCount > 1 {
            return finding(
                .abortiveClose, reset, by: sender, fault: Fault(sender), .notice, .proved)
        }
        return nil
    }
}
