internal import TCPState
internal import Wire

/// The words of `syn-filtered`.
enum SYNFiltered: CatalogueEntry {
    static let name = "syn-filtered"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]

    static func title(_ words: Words) -> String {
        "SYNs are not answered"
    }

    static func sentence(_ words: Words) -> String {
        return words.form == .reported
            ? "The SYN is answered by an ICMP error: a filter or a router refuses it."
            : "SYNs are repeated and nothing comes back: a filter drops them, no host is there,"
                + " or the way back is broken."
    }

    static func refutation(_ words: Words) -> String {
        "a capture at the server shows an answer: then the way back is broken"
    }

    static func remedy(_ words: Words) -> [String] {
        return words.key.fault == .server
            ? ["on the server: `nft list ruleset`, and `nstat -az TcpExtListenDrops`"]
            : [
                "on the server: \(words.capture); if the SYN comes and is answered, the way back drops",
                "`nft list ruleset` there, and the security groups between",
            ]
    }
}

extension ConnectionExaminer {
    /// SYN FILTERED: the same SYN twice or more, and nothing comes back; an ICMP message may say who
    /// drops it. A filter, a host that is not there, or a way back that is broken.
    var unansweredSYN: Finding? {
        guard client.hasSentSYN, !server.hasSent, client.packets == UInt64(client.synCount) else {
            return nil
        }
        if let frame = rareFacts?.unreachableFrame {
            return Finding(
                .synFiltered, .reported, end: .client, fault: .path, .warning, .proved,
                since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
                count: Int(client.synCount), frame: connection.firstFrame, laterFrame: frame)
        }
        let isRepeated = client.synCount > 1 && repeats(.client, since: connection.firstSeen)
        // A single one may be a scanner's; it counts for nothing else.
        guard isRepeated || now - connection.firstSeen >= 3_000_000_000 else { return nil }
        return Finding(
            .synFiltered, end: .client, fault: .path, .warning, .inferred, isSettled: isRepeated,
            since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
