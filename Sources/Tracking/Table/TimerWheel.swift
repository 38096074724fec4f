public import Memory
public import Wire

/// A lazy timer wheel on the packet clock: four slots a second, each a list of flows.
///
/// A flow is filed once, for the tick after its deadline. When its slot comes up its deadline is looked
/// at again: it fires, is filed anew, or is dropped. A deadline that moves away touches nothing; one that
/// comes nearer moves the flow to an earlier slot. Filing, moving and firing are O(1), amortised.
public struct TimerWheel: Sendable {
    @usableFromInline static var slotCount: Int64 { 1024 }
    @usableFromInline static var tick: Int64 { 250_000_000 }
    /// Flows of a slot before it grows.
    @usableFromInline static var firstCapacity: Int { 32 }

    /// The flows that are filed, each in the slot and at the place that it names.
    @usableFromInline var slots: [[FlowIndex]]
    /// The last tick that was turned to; nil before the first packet.
    @usableFromInline var now: Int64?
    /// When the next tick begins, before that a turn does nothing.
    @usableFromInline var nextTick = Timestamp(nanoseconds: .min)

    /// Makes a wheel at rest.
    @inlinable
    public init() {
        // Each has memory of its own from the beginning: a few flows make none of them ask for it later.
        slots = (0..<TimerWheel.slotCount).map { _ in
            var slot: [FlowIndex] = []
            slot.reserveCapacity(TimerWheel.firstCapacity)
            return slot
        }
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
        let scheduled = flows[index].timerSlot
        if scheduled != 0 {
            guard (Int64(scheduled) - 1 - now) & (TimerWheel.slotCount - 1) > wait else { return }
            unlink(index)
        }
        link(index, Int((now + wait) & (TimerWheel.slotCount - 1)))
    }

    /// Puts a flow at the end of a slot.
    @inlinable
    mutating func link(_ index: FlowIndex, _ slot: Int) {
        flows[index].timerSlot = UInt16(truncatingIfNeeded: slot + 1)
        flows[index].timerPlace = UInt32(truncatingIfNeeded: wheel.slots[slot].count)
        wheel.slots[slot].append(index)
    }

    /// Takes a flow out of its slot, in which the last one takes its place.
    @inlinable
    mutating func unlink(_ index: FlowIndex) {
        let slot = Int(flows[index].timerSlot) - 1
        let place = flows[index].timerPlace
        (flows[index].timerSlot, flows[index].timerPlace) = (0, 0)
        guard let last = wheel.slots[slot].popLast(), last != index else { return }
        wheel.slots[slot][Int(place)] = last
        flows[last].timerPlace = place
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
            var due: [FlowIndex] = []
            swap(&due, &wheel.slots[slot])
            turn(due, to: time, fire)
            // Its memory is used again.
            due.removeAll(keepingCapacity: true)
            if wheel.slots[slot].isEmpty { swap(&due, &wheel.slots[slot]) }
        }
    }

    /// Looks at the flows that were in a slot, asking for the next ones meanwhile: for the line that tells, then for all
    /// of those that are due.
    @inlinable
    mutating func turn(
        _ due: [FlowIndex], to time: Timestamp, _ fire: (FlowIndex, inout Flow) -> Void
    ) {
        for (place, index) in due.enumerated() {
            if place + 8 < due.count {
                unsafe prefetchLine(UnsafeRawPointer(flows.address(due[place + 8])))
            }
            if place + 3 < due.count, flows[due[place + 3]].deadline <= time {
                prefetch(due[place + 3])
            }
            (flows[index].timerSlot, flows[index].timerPlace) = (0, 0)
            guard flows[index].isLive else { continue }
            if flows[index].deadline <= time { fire(index, &flows[index]) }
            schedule(index)
        }
    }
}
