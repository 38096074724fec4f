public import Wire

extension Endpoint {
    /// Clocks that jump give absurd times: five minutes are no round trip.
    @usableFromInline static var longestRoundTrip: TimeSpan { 300_000_000_000 }
    /// The longest time that one answer alone makes believe.
    @usableFromInline static var believedRoundTrip: TimeSpan { 1_000_000_000 }

    /// Takes the time from a segment's passing to that of its acknowledgment. Of more than a second it takes
    /// two: an acknowledgment that was lost before the tap leaves one that tells how long the end was
    /// silent (RFC 6298, section 2: a second is the timeout before any sample).
    @inlinable @inline(__always)
    mutating func noteRoundTrip(_ sample: TimeSpan) {
        if sample < Endpoint.believedRoundTrip {
            leastRoundTrip = min(leastRoundTrip, sample)
        } else {
            noteLateAnswer(sample)
        }
    }

    @inlinable @inline(never)
    mutating func noteLateAnswer(_ sample: TimeSpan) {
        guard sample < Endpoint.longestRoundTrip else { return }
        if seen.contains(.answeredLate) {
            leastRoundTrip = min(leastRoundTrip, sample)
        }
        seen.insert(.answeredLate)
    }

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
            guard seen.contains(.acknowledgedUnseen) else {
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

    /// Whether an end has something on its way, or sends right after its peer's window let it: what it
    /// sends now may have waited in its send queue.
    ///
    /// - Parameter lastHeard: when the peer last sent anything.
    @inlinable
    func isBusy(sinceHeard lastHeard: Timestamp, at time: Timestamp) -> Bool {
        sendNext > sendUnacknowledged
            || (seen.contains(.windowFull)
                && time - lastHeard <= flightTime)
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
