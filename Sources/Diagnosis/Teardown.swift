internal import TCPState
internal import Wire

extension Examination {
    /// CLOSE-WAIT LEAK, and FIN-WAIT-2 HELD from the other end: one end has sent its FIN, which the
    /// other has acknowledged; since then the other has sent no FIN, no RST and no data. Its program
    /// has been told of the end and does not close. It is a leak after a minute, when the kernel of
    /// the first end has given up its half where no program holds it.
    ///
    /// Not where the open end still has data to send or waits behind a closed window, and not where it
    /// goes on sending: that is a half-close that is meant.
    var halfClosed: Finding? {
        guard let situation else { return meantHalfClose }
        switch situation {
        case .workingHalfClose: return meantHalfClose
        case .halfClosed(let closer):
            let open = closer.peer
            guard !self[closer].knows.contains(.zeroWindow) else { return nil }
            let entry = self[open].state == .closeWait ? self[open] : self[closer]
            let quiet = now - max(entry.since, self[open].lastNew)
            guard quiet >= limits[.halfOpen] else { return nil }
            return Finding(
                .closeWaitLeak, self[closer].state == .closed ? .expired : .usual, end: open,
                fault: Fault(open), quiet >= limits[.closeWaitCritical] ? .critical : .warning,
                entry.grade, isSettled: quiet >= limits[.closeWait], since: entry.since,
                length: now - entry.since, frame: entry.sinceFrame,
                laterFrame: self[closer].state == .finWait2 ? self[closer].sinceFrame : nil)
        case .halfOpen, .unansweredData, .zeroWindow, .unansweredKeepalives, .closing, .opening:
            return nil
        }
    }

    /// LEGITIMATE HALF-CLOSE (benign): one end's FIN is acknowledged and the other goes on sending,
    /// which the first acknowledges.
    private var meantHalfClose: Finding? {
        guard let sender = role(where: { self[$0].knows.contains(.sendsAfterPeerFIN) }) else {
            return nil
        }
        let closer = self[sender.peer]
        return Finding(
            .legitimateHalfClose, self[sender].hasSentFIN ? .past : .usual, end: sender.peer,
            fault: .nobody, .benign, .proved, since: closer.controlSeen,
            length: self[sender].lastSent - closer.controlSeen, frame: closer.sinceFrame,
            laterFrame: self[sender].sinceFrame)
    }

    /// FIN-WAIT-1 STUCK and LAST-ACK STUCK: an end has sent the same FIN three times or more, over a
    /// second or more, and nothing that acknowledges it has reached it. LAST-ACK if it had received
    /// the peer's FIN. The peer is gone, or the way to it, or the way back: then its acknowledgments
    /// are in the capture.
    var repeatedFIN: Finding? {
        guard
            let sender = role(where: { role in
                let end = self[role]
                let isOver = end.state == .closed && end.grade == .assumed && !end.isFINAcknowledged
                return end.hasSentFIN && Int64(end.finCount) >= limits[.finCopies]
                    && repeats(role, since: end.controlSeen)
                    && (isOver || end.state.awaitsFINAcknowledgment || repeatsInVain(end))
            })
        else { return nil }
        let end = self[sender]
        let peer = self[sender.peer]
        let isLast = peer.hasSentFIN && end.receiveNext >= peer.finEnd
        let isHeard = peer.lastSent > end.controlSeen + 1
        let form: Finding.Form =
            peer.knows.contains(.zeroWindow) ? .windowClosed : isHeard ? .returnPath : .silence
        return Finding(
            isLast ? .lastACKStuck : .finWait1Stuck, form, end: sender,
            fault: form == .windowClosed ? Fault(sender.peer) : .path, .warning, .inferred,
            since: end.controlSeen, length: now - end.controlSeen, count: Int(end.finCount),
            frame: end.sinceFrame, laterFrame: connection.lastFrame)
    }

    /// Whether an end goes on repeating its FIN though acknowledgments went past towards it. The pauses
    /// double: after twice the time so far it has stopped, and the last one has arrived.
    private func repeatsInVain(_ end: Endpoint) -> Bool {
        end.grade == .inferred && connection.anomalies.contains(.lostAfterTap)
            && now - end.lastSent <= 2 * (end.lastSent - end.controlSeen)
    }

    /// HALF-OPEN: one end is closed and the other is not and does not know.
    var halfOpen: Finding? {
        guard case .halfOpen(let remaining) = situation else { return nil }
        let gone = self[remaining.peer]
        let age = now - gone.since
        guard age >= limits[.halfOpen] else { return nil }
        return Finding(
            .halfOpen, gone.grade == .assumed ? .expired : .usual, end: remaining, fault: .path,
            .warning, min(gone.grade, self[remaining].grade), since: gone.since, length: age,
            frame: gone.sinceFrame)
    }

    /// PORT REUSE COLLISION: a SYN on addresses and ports whose earlier connection the other end still
    /// holds, in a state that a SYN does not end (RFC 9293, section 3.10.7.4, fourth). The answer is a
    /// challenge ACK, or nothing; only after a RST, or never, the new connection opens. Whoever chose
    /// the port did so too early: a client that restarted, a NAT, a proxy. If the old socket is in
    /// CLOSE-WAIT, the program that does not close it is at fault.
    ///
    /// Not in TIME-WAIT, which a SYN may end, and not where the first SYN is answered by SYN,ACK.
    var portReuseCollision: Finding? {
        guard let met = notes?.metState, met.refusesSYN, !server.hasSentSYN || client.synCount > 1
        else { return nil }
        let isLeak = met == .closeWait
        return Finding(
            .portReuseCollision, isLeak ? .leaked : .usual, end: .client,
            fault: isLeak ? .server : .client, .warning, .proved, since: connection.firstSeen,
            length: (server.hasSentSYN ? server.lastSent : now) - connection.firstSeen,
            count: Int(client.synCount), frame: connection.firstFrame)
    }
}

extension State {
    fileprivate var awaitsFINAcknowledgment: Bool {
        self == .finWait1 || self == .closing || self == .lastAck
    }

    /// Whether a new SYN does not end it.
    fileprivate var refusesSYN: Bool {
        switch self {
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: true
        case .unknown, .closed, .listen, .synSent, .synReceived, .timeWait: false
        }
    }
}

/// The less sure one.
private func min(_ a: Grade, _ b: Grade) -> Grade { a.rawValue > b.rawValue ? a : b }
