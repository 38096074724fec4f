public import Wire

/// A lazy timer wheel on the packet clock: one slot a second, flows linked through their own entries.
///
/// A flow is filed once. When its slot comes up its deadline is looked at again: it fires, is filed
/// anew, or is dropped. Filing and firing are O(1); a packet that moves a deadline touches nothing.
public struct TimerWheel: Sendable {
    @usableFromInline static var slotCount: Int64 { 1024 }
    @usableFromInline static var tick: Int64 { 1_000_000_000 }

    @usableFromInline var slots: [FlowIndex?]
    /// The last second that was turned to; nil before the first packet.
    @usableFromInline var now: Int64?
    /// When the next second begins, before that a turn does nothing.
    @usableFromInline var nextSecond = Timestamp(nanoseconds: .min)

    /// Makes a wheel at rest.
    @inlinable
    public init() {
        slots = Array(repeating: nil, count: Int(TimerWheel.slotCount))
    }

    /// Whether a turn to `time` would do anything.
    @inlinable @inline(__always)
    public func isDue(at time: Timestamp) -> Bool { time >= nextSecond }

    /// When the next second begins: turns before that do nothing.
    @inlinable
    public static func nextSecond(after time: Timestamp) -> Timestamp {
        Timestamp(nanoseconds: (second(time) + 1) &* tick)
    }

    @inlinable
    static func second(_ time: Timestamp) -> Int64 {
        // Rounds down, so that a flow's slot never comes up before its deadline's own second.
        time.nanoseconds / tick - (time.nanoseconds % tick < 0 ? 1 : 0)
    }
}

extension FlowTable {
    /// Files a flow by its deadline. Does nothing if it is filed already or has no deadline.
    @inlinable
    public mutating func file(_ index: FlowIndex) {
        guard !flows[index].isFiled, flows[index].deadline.nanoseconds != .max else { return }
        let now = wheel.now ?? TimerWheel.second(flows[index].deadline)
        let due = max(TimerWheel.second(flows[index].deadline), now) + 1
        let slot = Int(min(due, now + TimerWheel.slotCount - 1) & (TimerWheel.slotCount - 1))
        flows[index].isFiled = true
        flows[index].nextInWheel = wheel.slots[slot]
        wheel.slots[slot] = index
    }

    /// Turns the wheel to `time` and calls `fire` with each flow whose deadline has passed. `fire`
    /// moves the deadline; the flow is filed again if it has one. Time that runs backwards or
    /// jumps far ahead is followed without walking every second of it.
    @inlinable
    public mutating func turn(to time: Timestamp, _ fire: (FlowIndex, inout Flow) -> Void) {
        guard wheel.isDue(at: time) else { return }
        let second = TimerWheel.second(time)
        wheel.nextSecond = TimerWheel.nextSecond(after: time)
        guard let now = wheel.now else {
            wheel.now = second
            return
        }
        guard second > now else { return }
        let steps = min(second - now, TimerWheel.slotCount)
        wheel.now = second
        for step in 1...steps {
            let slot = Int((second - steps + step) & (TimerWheel.slotCount - 1))
            var next = wheel.slots[slot]
            wheel.slots[slot] = nil
            while let index = next {
                next = flows[index].nextInWheel
                flows[index].nextInWheel = nil
                flows[index].isFiled = false
                guard flows[index].isLive else { continue }
                if flows[index].deadline <= time { fire(index, &flows[index]) }
                file(index)
            }
        }
    }
}
