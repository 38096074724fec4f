internal import TCPState
internal import Wire

extension Examination {
    /// ZERO-WINDOW STALL: an end has said that it takes no more data, for a second or more, and its peer
    /// had to wait. Its program does not read, or not fast enough. The probes meanwhile are no
    /// retransmissions.
    var zeroWindowStall: Finding? {
        var worst: Finding?
        for role in Role.allCases {
            let end = self[role]
            let past = notes?.stalls[connection.side(role).rawValue] ?? Notes.Stalls()
            let isClosed = end.knows.contains(.zeroWindow) && !end.state.isGone
            // A program that closes reads nothing more either.
            let current = isClosed ? now - end.zeroWindowSince : 0
            let longest = max(past.longest, current)
            guard longest >= limits[.zeroWindow], end.zeroWindowSince.nanoseconds != .min,
                worst.map({ $0.length < longest }) ?? true
            else { continue }
            worst = Finding(
                .zeroWindowStall, isClosed ? .usual : .past, end: role, fault: Fault(role),
                longest >= limits[.zeroWindowCritical] ? .critical : .warning, .proved,
                since: end.zeroWindowSince, length: longest,
                count: Int(past.count) + (isClosed ? 1 : 0),
                frame: past.frame ?? connection.lastFrame,
                laterFrame: isClosed ? connection.lastFrame : nil)
        }
        return worst
    }

    /// What an end sends again and again without an answer.
    var silentPeer: Finding? { failedKeepalives ?? unansweredData }

    /// KEEPALIVE FAILED: three probes or more (an old number, no data or one byte) without any answer.
    /// The peer or the way to it is gone. Not behind a closed window: those are window probes.
    private var failedKeepalives: Finding? {
        guard
            let prober = role(where: { role in
                Int64(self[role].unansweredKeepalives) >= limits[.keepalives]
                    && !self[role.peer].knows.contains(.zeroWindow)
            })
        else { return nil }
        let silent = self[prober.peer]
        let since = silent.hasSent ? silent.lastSent : connection.firstSeen
        guard repeats(prober, since: since) else { return nil }
        return Finding(
            .keepaliveFailed, end: prober, fault: .path, .warning, .inferred, since: since,
            length: notes?.probeInterval ?? 0, count: Int(self[prober].unansweredKeepalives),
            frame: connection.lastFrame)
    }

    /// RETRANSMIT UNTIL DEATH: data is sent again and again, at growing distances, and nothing is
    /// acknowledged: the peer or the way to it is gone. When the sender gives up, without a packet, its
    /// peer still believes in the connection.
    ///
    /// IDLE-TIMEOUT BLACKHOLE, one connection of it: the same right after a silence. A device on the
    /// way may have forgotten the connection; the service's other connections decide.
    private var unansweredData: Finding? {
        guard
            let sender = role(where: { role in
                Int64(self[role].unansweredRetransmissions) >= limits[.retransmissions]
                    && !self[role.peer].knows.contains(.zeroWindow)
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
                frame: notes?.gap?.frame ?? connection.lastFrame,
                laterFrame: connection.lastFrame)
        }
        let isNew = sender == .client && server.packets == UInt64(server.synCount)
        return Finding(
            .retransmitUntilDeath, isNew ? .inHandshake : .usual, end: sender, fault: .path,
            Int64(count) >= limits[.retransmissionsFatal] ? .warning : .notice, .inferred,
            since: end.unacknowledgedSince, length: end.lastSent - end.unacknowledgedSince,
            count: count, frame: connection.lastFrame)
    }

    /// ONE WAY: only one end was seen to send, and it acknowledges what the other must have sent. The
    /// capture misses a direction; nothing can be said about the end that it does not show.
    var oneWay: Finding? {
        guard client.hasSent != server.hasSent else { return nil }
        let seen: Role = client.hasSent ? .client : .server
        let end = self[seen]
        // A SYN without an answer is no sign; nor are segments that may all be strays.
        guard end.packets > UInt64(end.synCount) + UInt64(end.rstCount), end.packets > 1,
            end.knows.contains(.received)
        else { return nil }
        return Finding(
            .oneWay, end: seen, fault: .capture, .notice, .proved, since: connection.firstSeen,
            count: Int(clamping: end.packets), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
