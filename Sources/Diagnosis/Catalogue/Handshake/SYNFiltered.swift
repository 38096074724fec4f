internal import TCPState
internal import Wire

/// The words of `syn-filtered`.
enum SYNFiltered: CatalogueEntry {
    static let name = "syn-filtered"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [.repeating]
    static let summary = "SYNs are not answered"
    static let definition =
        "A client sends the same SYN at least twice and nothing comes back, or an ICMP error rejects"
        + " it. A filter drops the SYN, no host has the address, or the return path is broken."

    static func title(_ words: Words) -> String { "SYNs are not answered" }

    static func sentence(_ words: Words) -> String {
        let served =
            words.form == .some
            ? " Meanwhile \(Count(words.measure)) other connections to the same port succeed: look for a"
                + " rate limit, a full SYN queue, a dead backend, or what is special about these clients."
            : ""
        switch words.form {
        case .reported:
            let icmp = words.icmp.map { ": \($0)" } ?? ""
            return
                "The SYN is answered with an ICMP error\(icmp). A filter or a router rejects the connection."
        case .byOption:
            return
                "SYNs with an MD5 or TCP-AO signature (TCP option 19 or 29) are retransmitted and nothing"
                + " comes back. A kernel silently drops a SYN whose signature does not match its own key:"
                + " no filter is needed for that."
        default:
            return
                "SYNs are retransmitted\(words.counted("sent")) and nothing comes back: a filter drops them,"
                + " no host has the address, or the return path is broken.\(served)"
        }
    }

    static let rivals: [Rival] = [
        Rival(
            .returnPath, ofConnection: { $0.isReportedByICMP($1) },
            doubt: { words in
                "the server answers and the return path is broken: on the server, run \(words.capture)"
            })
    ]

    static func remedy(_ words: Words) -> [String] {
        if words.form == .byOption {
            return [
                "compare the keys of both ends (BGP: the neighbour's password); on the server, check"
                    + " `nstat -az TcpExtTCPMD5NotFound TcpExtTCPMD5Unexpected TcpExtTCPMD5Failure`"
            ]
        }
        return words.key.fault == .server
            ? [
                "on the server, check `nft list ruleset` and `nstat -az TcpExtListenDrops"
                    + " TcpExtPAWSPassive TcpExtTCPReqQFullDrop`"
            ]
            : [
                "on the server, run \(words.capture): if the SYN arrives and is answered, the return path"
                    + " drops the answer",
                "check `nft list ruleset` on the server, and the security groups on the path",
            ]
    }
}

extension ConnectionExaminer {
    /// SYN FILTERED: the same SYN twice or more, and nothing comes back; an ICMP message may say who
    /// drops it. A filter, a host that is not there, or a way back that is broken.
    var unansweredSYN: Finding? {
        guard client.hasSentSYN, !server.hasSent, client.hasSentSYNsOnly else { return nil }
        if let frame = rareFacts?.unreachableFrame {
            return Finding(
                .synFiltered, .reported, end: .client, fault: .path, .warning, .proved,
                since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
                count: Int(client.synCount), frame: connection.firstFrame, laterFrame: frame)
        }
        let isRepeated = client.synCount > 1 && repeats(.client, since: connection.firstSeen)
        let span = client.lastSent - connection.firstSeen
        // A client doubles its pause: after twice the time so far it would have asked again, or was answered.
        let isSettled = isRepeated && (client.synCount > 2 || now - client.lastSent >= 2 * span)
        // A single one may be a scanner's; it counts for nothing else.
        guard isRepeated || now - connection.firstSeen >= 3_000_000_000 else { return nil }
        return Finding(
            .synFiltered, client.first.options.contains(.signature) ? .byOption : .usual,
            end: .client, fault: .path, .warning, .inferred, isSettled: isSettled,
            since: connection.firstSeen, length: span,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// That an ICMP message answers the SYN.
    func isReportedByICMP(_ finding: Finding) -> Fact? {
        finding.form == .reported
            ? rareFacts?.unreachableFrame.map { .icmp(frame: $0) } : nil
    }
}
