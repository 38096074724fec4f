internal import TCPState
internal import Wire

/// The words of `fin-wait-1-stuck`.
enum FINWait1Stuck: RepeatedFIN {
    static let name = "fin-wait-1-stuck"
    static let summary = "a FIN is never acknowledged"
    static let definition =
        "An end that closed first sent the same FIN several times, and no acknowledgment of it reached"
        + " that end. The peer is down or unreachable, its window is closed, or the return path is"
        + " broken: in the last case its acknowledgments are in the capture."

    static func title(_ words: Words) -> String {
        "the \(words.endName)'s FIN is never acknowledged"
    }
}

extension ConnectionExaminer {
    /// FIN-WAIT-1 STUCK and LAST-ACK STUCK: an end has sent the same FIN three times or more, over a
    /// second or more, and nothing that acknowledges it has reached it. LAST-ACK if it had received
    /// the peer's FIN. The peer is gone, or the way to it, or the way back: then its acknowledgments
    /// are in the capture.
    var repeatedFIN: Finding? {
        guard Int64(max(client.finCount, server.finCount)) >= limits[.finCopies],
            let sender = role(where: { role in
                let end = self[role]
                let isOver = end.state == .closed && !end.isFINAcknowledged
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
            peer.seen.contains(.zeroWindow) ? .windowClosed : isHeard ? .returnPath : .silence
        return Finding(
            isLast ? .lastACKStuck : .finWait1Stuck, form, end: sender,
            fault: form == .windowClosed ? Fault(sender.peer) : .path, .warning, .inferred,
            since: end.controlSeen, length: now - end.controlSeen, count: Int(end.finCount),
            frame: end.sinceFrame, laterFrame: connection.lastFrame)
    }

    /// Whether an end goes on repeating its FIN though acknowledgments went past towards it, two at least
    /// before its latest copy. The pauses double: after twice the time so far it has stopped, and the last
    /// acknowledgment has arrived.
    func repeatsInVain(_ end: Endpoint) -> Bool {
        end.grade == .inferred && connection.anomalies.contains(.lostAfterTap)
            && Int64(end.finCount) > limits[.finCopies] && end.lastSent > end.unacknowledgedSince
            && now - end.lastSent <= 2 * (end.lastSent - end.controlSeen)
    }
}

extension State {
    fileprivate var awaitsFINAcknowledgment: Bool {
        self == .finWait1 || self == .closing || self == .lastAck
    }
}
