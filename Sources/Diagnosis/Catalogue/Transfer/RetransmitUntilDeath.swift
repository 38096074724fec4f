internal import TCPState
internal import Wire

/// The words of `retransmit-until-death`.
enum RetransmitUntilDeath: PeerGone {
    static let name = "retransmit-until-death"
    static let doubts: Set<CaptureFlaw.Kind> = [
        .lostPackets, .holes, .missingFile, .sampled, .oneDirection,
    ]
    static let thresholds: [Thresholds.Name] = [
        .retransmissions, .retransmissionsFatal, .repeating,
    ]
    static let summary = "data is retransmitted and never acknowledged"
    static let definition =
        "An end retransmits the same data with exponential backoff and no acknowledgment arrives. The"
        + " peer's host is down or unreachable. When the sender gives up, no packet shows it, and the"
        + " peer may still hold the connection."

    static func title(_ words: Words) -> String {
        "data from the \(words.endName) is never acknowledged"
    }

    static func sentence(_ words: Words) -> String {
        switch words.form {
        case .windowClosed:
            "The \(words.endName) sends empty segments at growing intervals and the \(words.peer) answers"
                + " none of them: probes of a window that the \(words.endName) may still believe is closed. The"
                + " probes or the answers are lost on the path."
        case .inVain:
            "The \(words.peer)'s SYN-ACK announces window 0, as a SYN proxy's does until the server behind it"
                + " answers, and nothing follows it: the \(words.endName) can only probe. Its ACK was lost before the"
                + " proxy, which keeps no state and repeats nothing, or the server behind it does not answer."
        case .reset:
            "The \(words.endName) retransmits the same data\(words.counted("retransmissions")) with"
                + " exponential backoff, nothing acknowledges it for \(words.lengthText), and the"
                + " \(words.endName) gives up with a RST: TCP_USER_TIMEOUT, or its retries ran out."
                + " Meanwhile \(words.silence).\(words.icmpReport)"
        case _ where words.isPeerUp:
            "The \(words.endName) retransmits the same data\(words.counted("retransmissions")) with"
                + " exponential backoff and nothing acknowledges it, although the \(words.peer)'s host is up: it"
                + " sends other segments meanwhile. A device on the path has forgotten the connection, a link is"
                + " too small for large segments, or the host ignores them (a full accept queue)."
                + words.icmpReport
        case .unseen:
            "The \(words.endName) retransmits the same data\(words.counted("retransmissions")) with"
                + " exponential backoff. The capture has no segment from the \(words.peer): its host was"
                + " down or unreachable before the capture began.\(words.icmpReport)"
        default:
            "The \(words.endName) retransmits the same data\(words.counted("retransmissions")) with"
                + " exponential backoff: the \(words.peer)'s host is down or unreachable.\(words.icmpReport) When the"
                + " \(words.endName) gives up, no packet shows it."
        }
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
        guard let sender = role(where: { isUnanswered($0) }) else { return unansweredProbes }
        let end = self[sender]
        let peer = self[sender.peer]
        guard end.state.isSynchronized || end.state == .closed else { return nil }
        if let pathMTU = pathMTU(sender) { return pathMTU }
        let silence = peer.hasSent ? end.unacknowledgedSince - peer.lastSent : 0
        let count = Int(end.unansweredRetransmissions)
        if silence >= limits[.idle] {
            return Finding(
                .idleTimeoutBlackhole, end: sender, fault: .middlebox, .warning, .inferred,
                since: end.unacknowledgedSince, length: silence, count: count,
                frame: connection.gaps.latest?.frame ?? connection.lastFrame,
                laterFrame: connection.lastFrame)
        }
        let isNew = sender == .client && peer.hasSent && server.hasSentSYNsOnly
        return Finding(
            .retransmitUntilDeath, isNew ? .inHandshake : peer.hasSent ? .usual : .unseen,
            end: sender, fault: .path,
            Int64(count) >= limits[.retransmissionsFatal] ? .warning : .notice,
            peer.hasSent ? .inferred : .assumed,
            since: end.unacknowledgedSince, length: end.lastSent - end.unacknowledgedSince,
            count: count, frame: connection.lastFrame)
    }

    /// Probes of a window that the SYN,ACK announced as closed, and nothing after it.
    var shutFromTheStart: Finding? {
        guard client.unansweredKeepalives >= limits[.keepalives], server.hasSentSYNsOnly,
            server.first.flags.contains(.ack), server.first.window == 0
        else { return nil }
        return Finding(
            .retransmitUntilDeath, .inVain, end: .client, fault: .path, .notice, .inferred,
            since: server.lastSent, length: client.lastSent - server.lastSent,
            count: Int(client.unansweredKeepalives), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// Whether what an end repeats is not acknowledged: three copies, or two over a long time. Where all is
    /// acknowledged in the capture, its repetitions are over as soon as they do not go on.
    private func isUnanswered(_ role: Role) -> Bool {
        let end = self[role]
        // After SYN,ACKs of two hosts the numbers tell nothing of what is repeated.
        if role == .server, rareFacts?.otherSYNACK != nil { return false }
        let span = end.lastSent - end.unacknowledgedSince
        let isLong = end.unansweredRetransmissions >= 2 && span >= limits[.idle]
        guard Int64(end.unansweredRetransmissions) >= limits[.retransmissions] || isLong,
            !self[role.peer].seen.contains(.zeroWindow),
            repeats(role, since: end.unacknowledgedSince)
        else { return false }
        // A FIN alone is no data.
        if end.hasSentFIN, end.unacknowledgedBytes == 1 { return false }
        return end.unacknowledgedBytes > 0
            || Int64(end.unansweredRetransmissions) >= limits[.retransmissionsFatal]
                && now - end.lastSent <= span
    }

    /// Empty segments that an end sends again and again after pauses, to none of which its peer says
    /// anything: probes of a window that is open already, or whose answers are lost.
    private var unansweredProbes: Finding? {
        guard let gap = connection.gaps.latest, gap.unanswered >= 3, !gap.isData else { return nil }
        let prober = connection.role(gap.breaker)
        guard self[prober].payload == 0 || self[prober.peer].hasSent,
            self[prober].unansweredKeepalives == 0, !self[prober].hasSentFIN,
            !self[prober.peer].hasSent || self[prober.peer].lastSent <= gap.start
        else { return nil }
        if !self[prober.peer].hasSent {
            // From the first segment on nothing but this: keepalives of a connection older than the capture.
            return Finding(
                .keepaliveFailed, .unseen, end: prober, fault: .path, .notice, .assumed,
                since: connection.firstSeen,
                length: (self[prober].lastSent - gap.start) / (Int(gap.unanswered) + 1),
                count: Int(gap.unanswered) + 1, frame: connection.firstFrame,
                laterFrame: connection.lastFrame)
        }
        return Finding(
            .retransmitUntilDeath, .windowClosed, end: prober, fault: .path, .notice, .inferred,
            since: gap.end, length: self[prober].lastSent - gap.start,
            count: Int(gap.unanswered) + 1, frame: gap.frame, laterFrame: connection.lastFrame)
    }
}
