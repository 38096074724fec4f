public import Wire

extension Connection {
    /// Whether both ends are established by proof, know each other's numbers, and nothing is odd: then the
    /// next segment is most probably one that ``takeAsPredicted(_:from:at:frame:)`` takes.
    @inlinable
    public var isSteady: Bool {
        @_addressableSelf get {
            ends[0].state == .established && ends[1].state == .established
                && pendingCount[0] | pendingCount[1] == 0
                && anomalies.isDisjoint(with: .unsteady) && resetBy == nil
                && ends[0].unansweredRetransmissions | ends[1].unansweredRetransmissions < 2
                && ends[0].isPredictable && ends[1].isPredictable
        }
    }

    /// Takes a segment of a steady connection the short way, if it moves nothing but sequence numbers, as
    /// nearly all do; then the connection stays steady. Otherwise does nothing and returns false.
    @inlinable @inline(__always)
    public mutating func takeAsPredicted(
        _ segment: Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Bool {
        guard time - lastSeen < Connection.noteworthySilence else { return false }
        let s = sender.rawValue
        var both = ends.mutableSpan
        let isPredicted = unsafe both.withUnsafeMutableBufferPointer { both in
            // Elements 0 and 1, in either order: never the same one twice.
            unsafe both[s].sendAsPredicted(segment, to: &both[1 - s], at: time)
        }
        guard isPredicted else { return false }
        lastSeen = max(lastSeen, time)
        lastFrame = frame
        completenessBeforeLast = completeness
        completeness |= segment.payloadLength > 0 ? 8 : 4
        return true
    }
}

extension Anomalies {
    /// What makes the next segments unpredictable, or worth a closer look.
    @inlinable
    static var unsteady: Anomalies { [.selfConnect, .zeroWindow, .keepalive, .invalidReset] }
}
