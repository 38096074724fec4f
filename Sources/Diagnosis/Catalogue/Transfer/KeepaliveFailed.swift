internal import TCPState
internal import Wire

/// The words of `keepalive-failed`.
enum KeepaliveFailed: PeerGone {
    static let name = "keepalive-failed"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection, .flagsOnly]

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name)'s keepalives are not answered"
    }

    static func sentence(_ words: Words) -> String {
        let pause = words.lengths.upperBound > 0 ? ", \(words.lengthText) apart" : ""
        let verdict =
            words.forms[.reset] == 0 ? "" : " Then the \(words.owner) gives up with a RST."
        return
            "The \(words.owner)'s keepalive probes\(pause), have no answer: the \(words.peer)'s host or the"
            + " way to it is gone.\(verdict)"
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
