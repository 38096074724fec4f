public import Wire

// Header prediction, as Linux's `tcp_rcv_established` and BSD's `tcp_input` have it: nearly every segment
// of an established connection comes in order and acknowledges what was sent. Which of data and
// acknowledgment it brings cannot be foretold, so nothing here branches on it.
extension Endpoint {
    /// Whether the end's numbers are known and nothing is odd about them.
    @inlinable
    var isPredictable: Bool {
        seen.isSuperset(of: [.sent, .acknowledged, .received])
            && seen.isDisjoint(with: [.zeroWindow, .acknowledgedUnseen])
            && sendUnacknowledged <= sendNext
    }
}

extension PredictedEnd {
    /// Does what ``send(_:to:at:_:)`` does for a segment that carries nothing but an acknowledgment of what
    /// was seen and the data that come next, if this is one. Otherwise does nothing and returns false. Both
    /// ends have to be predictable, and stay so.
    @inlinable @inline(__always)
    mutating func sendFastPath(
        _ segment: borrowing @_addressable Segment, to receiver: inout Self, at time: Timestamp
    ) -> Bool {
        let length = segment.payloadLength
        let sequence = segment.sequenceNumber
        let end = sequence + length
        let acknowledged = segment.acknowledgmentNumber
        let hasTimestamps = segment.options.present.contains(.timestamps)
        let timestamp = segment.options.timestampValue
        let peerNext = receiver.sendNext
        guard segment.flags.intersection([.syn, .fin, .rst, .ack]) == .ack, segment.window != 0,
            sequence == sendNext, sequence == receiver.receiveNext, acknowledged <= peerNext,
            end.rawValue >= sequence.rawValue, length <= 9_000,
            hasTimestamps == receiver.seen.contains(.timestamps),
            !segment.options.present.contains(.sack),
            !hasTimestamps || Int32(bitPattern: timestamp &- receiver.recentTimestamp) >= 0
        else { return false }

        count(segment, at: time)
        window = segment.window
        let unacknowledged = sendUnacknowledged
        if length > 0 {
            if sequence == unacknowledged {
                unacknowledgedSince = time
                if !isBusy(sinceHeard: receiver.lastSent, at: time) { busySince = time }
            }
            sendNext = end
            lastNew = time
            identification = segment.identification
            let peerWindow = receiver.advertisedWindow(peerScales: seen.contains(.windowScale))
            let isFull = (end.rawValue &- unacknowledged.rawValue) &+ 1460 > peerWindow
            seen = seen.subtracting([.retransmitted, .windowFull]).union(
                isFull ? .windowFull : [])
            receiver.receiveNext = end
        }
        if hasTimestamps, sequence <= unacknowledged { receiver.recentTimestamp = timestamp }

        let peerUnacknowledged = receiver.sendUnacknowledged
        if acknowledged != receiveNext,
            acknowledged > receiveNext
                || acknowledged >= peerUnacknowledged && time - receiver.lastNew > flightTime
        {
            receiveNext = acknowledged
        }
        guard acknowledged > peerUnacknowledged else { return true }
        receiver.sendUnacknowledged = acknowledged
        receiver.unansweredRetransmissions = 0
        if acknowledged != peerNext {
            receiver.unacknowledgedSince = time
        } else if !receiver.seen.contains(.retransmitted) {
            noteRoundTrip(max(0, time - receiver.lastNew))
        }
        return true
    }
}
