public import Wire

/// A lazy timer wheel on the packet clock: four slots a second, flows linked through their own entries.
///
/// A flow is filed once, for the tick after its deadline. When its slot comes up its deadline is looked
/// at again: it fires, is filed anew, or is dropped. A deadline that moves away touches nothing; one that
/// comes nearer moves the flow to an earlier slot. Filing, moving and firing are O(1).
public struct TimerWheel: Sendable {
    @usableFromInline static var slotCount: Int64 { 1024 }
    @usableFromInline static var tick: Int64 { 250_000_000 }

    @usableFromInline var slots: [FlowIndex?]
    /// The last tick that was turned to; nil before the first packet.
    @usableFromInline var now: Int64?
    /// When the next tick begins, before that a turn does nothing.
    @usableFromInline var nextTick = Timestamp(nanoseconds: .min)

    /// Makes a wheel at rest.
    @inlinable
    public init() {
        slots = Array(repeating: nil, count: Int(TimerWheel.slotCount))
    }

    /// Whether a turn to `time` would do anything.
    @inlinable @inline(__always)
    public func isDue(at time: Timestamp) -> Bool { time >= nextTick }

    /// When the next tick begins: turns before that do nothing.
    @inlinable
    public static func nextTick(after time: Timestamp) -> Timestamp {
        Timestamp(nanoseconds: 0) + TimeSpan(nanoseconds: tick) * Int(ticks(time) + 1)
    }

    @inlinable
    static func ticks(_ time: Timestamp) -> Int64 {
        // Rounds down, so that a flow's slot never comes up before its deadline's own tick.
        time.nanoseconds / tick - (time.nanoseconds % tick < 0 ? 1 : 0)
    }
}

extension TimerWheel {
    /// A flow's place in the wheel: its slot, and its neighbours there.
    @usableFromInline
    struct Entry: Sendable {
        /// The flow filed before it and the one after it; `UInt32.max` for none.
        @usableFromInline var previous = UInt32.max
        @usableFromInline var next = UInt32.max
        /// The slot, from 1; 0 if it is not filed.
        @usableFromInline var slot: UInt16 = 0

        @inlinable
        init() {}
    }
}

extension FlowTable {
    /// Files a flow by its deadline, if it has one. Does nothing where it is filed for that tick already, or
    /// for an earlier one.
    @inlinable
    public mutating func schedule(_ index: FlowIndex) {
        let deadline = flows[index].deadline
        guard deadline.nanoseconds != .max else { return }
        let now = wheel.now ?? TimerWheel.ticks(deadline)
        let due = max(TimerWheel.ticks(deadline), now) + 1
        let wait = min(due - now, TimerWheel.slotCount - 1)
        let scheduled = flows[index].timerEntry.slot
        if scheduled != 0 {
            guard (Int64(scheduled) - 1 - now) & (TimerWheel.slotCount - 1) > wait else { return }
            unlink(index)
        }
        link(index, Int((now + wait) & (TimerWheel.slotCount - 1)))
    }

    /// Puts a flow at the head of a slot.
    @inlinable
    mutating func link(_ index: FlowIndex, _ slot: Int) {
        let next = wheel.slots[slot]
        if let next { flows[next].timerEntry.previous = index.rawValue }
        flows[index].timerEntry.previous = .max
        flows[index].timerEntry.next = next?.rawValue ?? .max
        flows[index].timerEntry.slot = UInt16(truncatingIfNeeded: slot + 1)
        wheel.slots[slot] = index
    }

    /// Takes a flow out of its slot.
    @inlinable
    mutating func unlink(_ index: FlowIndex) {
        let timerEntry = flows[index].timerEntry
        if timerEntry.next != .max {
            flows[FlowIndex(rawValue: timerEntry.next)].timerEntry.previous = timerEntry.previous
        }
        if timerEntry.previous != .max {
            flows[FlowIndex(rawValue: timerEntry.previous)].timerEntry.next = timerEntry.next
        } else {
            let isLast = timerEntry.next == .max
            wheel.slots[Int(timerEntry.slot) - 1] =
                isLast ? nil : FlowIndex(rawValue: timerEntry.next)
        }
        flows[index].timerEntry = TimerWheel.Entry()
    }

    /// Turns the wheel to `time` and calls `fire` with each flow whose deadline has passed. `fire`
    /// moves the deadline; the flow is filed again if it has one. Time that runs backwards or
    /// jumps far ahead is followed without walking every tick of it.
    @inlinable
    public mutating func advanceTimers(to time: Timestamp, _ fire: (FlowIndex, inout Flow) -> Void)
    {
        guard wheel.isDue(at: time) else { return }
        let last = TimerWheel.ticks(time)
        wheel.nextTick = TimerWheel.nextTick(after: time)
        guard let now = wheel.now else {
            wheel.now = last
            return
        }
        guard last > now else { return }
        let steps = min(last - now, TimerWheel.slotCount)
        wheel.now = last
        for step in 1...steps {
            let slot = Int((last - steps + step) & (TimerWheel.slotCount - 1))
            var next = wheel.slots[slot]
            wheel.slots[slot] = nil
            while let index = next {
                let following = flows[index].timerEntry.next
                next = following == .max ? nil : FlowIndex(rawValue: following)
                if let next { prefetch(next) }
                flows[index].timerEntry = TimerWheel.Entry()
                guard flows[index].isLive else { continue }
                if flows[index].deadline <= time { fire(index, &flows[index]) }
                schedule(index)
            }
        }
    }
}
