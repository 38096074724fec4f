public import Wire

/// Accounts for the frames of a run, one after the other, and tells when timers are to be looked at.
public struct FrameClock: Sendable {
    /// How many there were, and when; what was in them is not known here.
    @inlinable public var counts: FrameCounts { passed }
    @usableFromInline var passed = FrameCounts()
    @usableFromInline var nextTick = Timestamp(nanoseconds: .min)

    /// At its first frame.
    public init() {}

    /// Counts a frame. Returns the time that trackers are to be told before they see the frame; nil, as a rule, if none of
    /// their timers can be due. O(1).
    @inlinable @inline(__always)
    public mutating func pass(wireLength: Int, at time: Timestamp) -> Timestamp? {
        passed.countFrame(wireLength: wireLength, at: time)
        return counts.latest >= nextTick ? tick() : nil
    }

    @usableFromInline
    mutating func tick() -> Timestamp {
        nextTick = TimerWheel.nextTick(after: counts.latest)
        return counts.latest
    }
}
