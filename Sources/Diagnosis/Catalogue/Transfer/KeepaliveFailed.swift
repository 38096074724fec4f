internal import TCPState
internal import Wire

/// The words of `keepalive-failed`.
enum KeepaliveFailed: PeerGone {
    static let name = "keepalive-failed"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection, .flagsOnly]
    static let thresholds: [Thresholds.Name] = [.keepalives, .repeating]
    static let summary = "keepalives are not answered"
    static let definition =
        "An end sent several keepalive probes and none was answered. The peer's host is down or"
        + " unreachable."

    static func title(_ words: Words) -> String {
        "the \(words.endName)'s keepalives are not answered"
    }

    static func sentence(_ words: Words) -> String {
        let pause = words.lengths.upperBound > 0 ? ", sent every \(words.lengthText)," : ""
        let verdict =
            words.forms[.reset] == 0 ? "" : " The \(words.endName) then gives up with a RST."
        return
            "The \(words.endName)'s keepalive probes\(words.counted("sent"))\(pause) are not answered:"
            + " \(words.silence).\(words.icmpReport)\(verdict)"
    }
}

extension ConnectionExaminer {
    /// KEEPALIVE FAILED: three probes or more (an old number, no data or one byte) without any answer.
    /// The peer or the way to it is gone. Not behind a closed window: those are window probes.
    var failedKeepalives: Finding? {
        guard
            let prober = role(where: { role in
                Int64(self[role].unansweredKeepalives) >= limits[.keepalives]
                    && !self[role.peer].seen.contains(.zeroWindow)
            })
        else { return nil }
        let silent = self[prober.peer]
        let since = silent.hasSent ? silent.lastSent : connection.firstSeen
        guard repeats(prober, since: since) else { return nil }
        return Finding(
            .keepaliveFailed, end: prober, fault: .path, .warning, .inferred, since: since,
            length: rareFacts?.probeInterval ?? 0, count: Int(self[prober].unansweredKeepalives),
            frame: connection.lastFrame)
    }
}
