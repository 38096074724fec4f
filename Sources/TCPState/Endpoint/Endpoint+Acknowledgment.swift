public import Wire

extension Endpoint {
    /// SEG.ACK: SND.UNA of the other end, and what it proves this one to have received.
    @inlinable @inline(__always)
    mutating func acknowledge(
        _ segment: Segment, to receiver: inout Endpoint, at time: Timestamp,
        _ anomalies: inout Anomalies
    ) {
        let acknowledged = segment.acknowledgmentNumber
        if !receiver.seen.contains(.sent) {
            // The other direction is not in the capture so far.
            if !receiver.seen.contains(.acknowledged)
                || acknowledged > receiver.sendUnacknowledged
            {
                receiver.sendUnacknowledged = acknowledged
                receiver.sendNext = acknowledged
                receiver.seen.insert(.acknowledged)
            }
            if !seen.contains(.received) || acknowledged > receiveNext {
                receiveNext = acknowledged
                seen.insert(.received)
            }
            return
        }
        if acknowledged > receiver.sendNext {
            // One such segment may be forged; a second one means that the capture has a hole.
            guard seen.contains(.acknowledgedUnseen) || receiver.isProbed(by: acknowledged) else {
                seen.insert(.acknowledgedUnseen)
                earlyAcknowledgment = acknowledged
                anomalies.insert(.ackOfUnseenData)
                return
            }
            receiver.sendNext = acknowledged
        }
        seen.remove(.acknowledgedUnseen)
        if acknowledged > receiveNext
            || (acknowledged >= receiver.sendUnacknowledged
                && time - receiver.lastNew > flightTime)
        {
            // SEG.ACK is RCV.NXT, unless more is on its way; what never arrived is taken back.
            receiveNext = acknowledged
        }
        guard acknowledged > receiver.sendUnacknowledged else { return }
        receiver.sendUnacknowledged = acknowledged
        receiver.unansweredRetransmissions = 0
        if acknowledged == receiver.sendNext {
            if !receiver.seen.contains(.retransmitted) {
                noteRoundTrip(max(0, time - receiver.lastNew))
            }
        } else {
            receiver.unacknowledgedSince = time
        }
    }

    /// Whether a number is SND.NXT of an end that may have sent nothing but keepalive probes so far, whose own number is one
    /// less: RFC 9293, section 3.8.4. A capture that begins among them shows no other.
    @inlinable
    func isProbed(by number: SequenceNumber) -> Bool {
        number == sendNext + 1 && payload == 0 && hasSent && !hasSentSYN && !hasSentFIN
    }

    @inlinable @inline(__always)
    mutating func advertise(
        _ segment: Segment, to receiver: inout Endpoint, at time: Timestamp,
        _ anomalies: inout Anomalies
    ) {
        window = segment.window
        if segment.window != 0 {
            seen.remove(.zeroWindow)
        } else if !segment.flags.contains(.syn), !seen.contains(.zeroWindow) {
            seen.insert(.zeroWindow)
            zeroWindowSince = time
            receiver.seen.insert(.windowFull)
            anomalies.insert(.zeroWindow)
        }
    }

    /// Notes whether what is on its way leaves no room for another segment in the peer's window.
    @inlinable @inline(__always)
    mutating func noteWindowUse(of window: UInt32) {
        if unacknowledgedBytes &+ 1460 > window {
            seen.insert(.windowFull)
        } else {
            seen.remove(.windowFull)
        }
    }
}
