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
        let served =
            words.form == .some
            ? " Meanwhile \(words.measure) others of the same port are served: a rate limit, a full SYN queue,"
                + " a backend that is gone, or what these clients ask for." : ""
        switch words.form {
        case .reported:
            let icmp = words.icmp.map { ": \($0)" } ?? ""
            return "The SYN is answered by an ICMP error\(icmp). A filter or a router refuses it."
        case .byOption:
            return
                "SYNs that carry an MD5 or TCP-AO signature (option 19 or 29) are repeated and nothing comes"
                + " back: a kernel drops silently what does not fit its own key, so no filter is needed for that."
        default:
            return
                "SYNs are repeated and nothing comes back: a filter drops them, no host is there,"
                + " or the way back is broken.\(served)"
        }
    }

    static func refutation(_ words: Words) -> String {
        "a capture at the server shows an answer: then the way back is broken"
    }

    static func remedy(_ words: Words) -> [String] {
        if words.form == .byOption {
            return [
                "compare the keys (BGP: the neighbour's password) of both ends; on the server `nstat -az"
                    + " TcpExtTCPMD5NotFound TcpExtTCPMD5Unexpected TcpExtTCPMD5Failure`"
            ]
        }
        return words.key.fault == .server
            ? [
                "on the server: `nft list ruleset`, and `nstat -az TcpExtListenDrops"
                    + " TcpExtPAWSPassive TcpExtTCPReqQFullDrop`"
            ]
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
            .synFiltered, client.first.options.contains(.signature) ? .byOption : .usual,
            end: .client, fault: .path, .warning, .inferred, isSettled: isRepeated,
            since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
