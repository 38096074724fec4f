public import Wire

// Header prediction, as Linux's `tcp_rcv_established` and BSD's `tcp_input` have it: nearly every segment
// of an established connection comes in order and acknowledges what was sent. Which of data and
// acknowledgment it brings cannot be foretold, so nothing here branches on it.
extension Endpoint {
    /// Whether the end's numbers are known and nothing is odd about them.
    @inlinable
    var isPredictable: Bool {
        knows.isSuperset(of: [.sent, .acknowledged, .received])
            && knows.isDisjoint(with: [.zeroWindow, .acknowledgedUnseen])
            && sendUnacknowledged <= sendNext
    }

    /// Does what ``send(_:to:at:_:)`` does for a segment that carries nothing but an acknowledgment of what
    /// was seen and the data that come next, if this is one. Otherwise does nothing and returns false. Both
    /// ends have to be predictable, and stay so.
    @inlinable @inline(__always)
    mutating func sendAsPredicted(
        _ segment: borrowing @_addressable Segment, to receiver: inout Endpoint, at time: Timestamp
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
            hasTimestamps == receiver.knows.contains(.timestamps),
            !hasTimestamps || Int32(bitPattern: timestamp &- receiver.recentTimestamp) >= 0
        else { return false }

        let hasData = length > 0
        let unacknowledged = sendUnacknowledged
        let begins = hasData && sequence == unacknowledged
        let isBusy = knows.contains(.windowFull) && time - receiver.lastSent <= flightTime
        let peerWindow = receiver.scaledWindow(peerScales: knows.contains(.windowScale))
        let isFull = (end.rawValue &- unacknowledged.rawValue) &+ 1460 > peerWindow
        let afterData =
            knows.subtracting([.retransmitted, .windowFull]).union(isFull ? .windowFull : [])
        let updatesTimestamp = hasTimestamps && sequence <= unacknowledged
        let peerUnacknowledged = receiver.sendUnacknowledged
        let isNew = acknowledged > peerUnacknowledged
        let isAll = isNew && acknowledged == peerNext
        let age = time - receiver.lastNew
        let sample = max(0, age)
        let isSample =
            isAll && !receiver.knows.contains(.retransmitted) && sample < Endpoint.longestRoundTrip
        let isReceived =
            acknowledged > receiveNext || acknowledged >= peerUnacknowledged && age > flightTime

        unacknowledgedSince = begins ? time : unacknowledgedSince
        busySince = begins && !isBusy ? time : busySince
        lastNew = hasData ? time : lastNew
        identification = hasData ? segment.identification : identification
        knows = hasData ? afterData : knows
        sendNext = end
        receiveNext = isReceived ? acknowledged : receiveNext
        roundTripNanoseconds =
            isSample ? min(roundTripNanoseconds, sample) : roundTripNanoseconds
        window = segment.window
        count(segment, at: time)

        receiver.recentTimestamp = updatesTimestamp ? timestamp : receiver.recentTimestamp
        receiver.receiveNext = end
        receiver.sendUnacknowledged = isNew ? acknowledged : peerUnacknowledged
        receiver.unansweredRetransmissions = isNew ? 0 : receiver.unansweredRetransmissions
        receiver.unacknowledgedSince = isNew && !isAll ? time : receiver.unacknowledgedSince
        return true
    }
}
