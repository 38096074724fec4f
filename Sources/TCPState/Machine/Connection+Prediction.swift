public import Wire

extension Connection {
    /// Whether both ends are established, know each other's numbers, and nothing is odd: then the next
    /// segment of an end about which nothing is merely inferred is most probably one that
    /// ``takeFastPath(_:from:at:frame:)`` takes. By side.
    @inlinable
    public var isSteady: InlineArray<2, Bool> {
        @inline(__always) @_addressableSelf get {
            let isCalm =
                ends[0].state == .established && ends[1].state == .established
                && anomalies.isDisjoint(with: .unsteady) && resetBy == nil
                && ends[0].unansweredRetransmissions | ends[1].unansweredRetransmissions < 2
                && ends[0].isPredictable && ends[1].isPredictable
            return [isCalm && pendingCount[0] == 0, isCalm && pendingCount[1] == 0]
        }
    }

    /// Takes a segment of a steady end on the fast path, if it moves nothing but sequence numbers, as
    /// nearly all do; then both ends stay as they are. Otherwise does nothing and returns false.
    ///
    /// Transparent: the loop over a batch is too large for the optimizer to inline it by itself.
    @_transparent
    public mutating func takeFastPath(
        _ segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Bool {
        guard time - lastSeen < Connection.noteworthySilence else {
            return takeFastPathAfterGap(segment, from: sender, at: time, frame: frame)
        }
        return takePredicted(segment, from: sender, at: time, frame: frame)
    }

    /// The same for a segment that ends a silence.
    @usableFromInline @inline(never)
    mutating func takeFastPathAfterGap(
        _ segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Bool {
        let gaps = gaps(endedBy: segment, from: sender, at: time, frame: frame)
        guard takePredicted(segment, from: sender, at: time, frame: frame) else { return false }
        if let gaps { self.gaps = gaps }
        return true
    }

    @inlinable @inline(__always)
    mutating func takePredicted(
        _ segment: borrowing @_addressable Segment, from sender: Side, at time: Timestamp,
        frame: UInt64
    ) -> Bool {
        let s = sender.rawValue
        let isPredicted = unsafe withBothEnds { both in
            // Elements 0 and 1, in either order: never the same one twice.
            unsafe both[s].sendFastPath(segment, to: &both[1 - s], at: time)
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
