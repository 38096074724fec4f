extension Connection {
    /// Adds an inferred transition of an end.
    @inlinable
    mutating func addPending<Observer: TransitionObserver>(
        _ item: Pending, _ end: Int, _ context: inout Context<Observer>
    ) {
        if pendingCount[0] | pendingCount[1] == 0 { pendingSlot = context.pool.take() }
        if pendingCount[end] == PendingPool.capacity { shiftPending(end, by: 1, &context) }
        context.pool[pendingSlot, end, Int(pendingCount[end])] = item
        pendingCount[end] += 1
    }

    /// Keeps what was inferred as it stands: the connection is about to be forgotten.
    @inlinable
    public mutating func settlePending<Observer: TransitionObserver>(
        _ context: inout Context<Observer>
    ) {
        for end in 0...1 { dropPending(end, &context) }
    }

    /// Keeps what was inferred of an end as it stands: it can no longer be withdrawn.
    @inlinable
    mutating func dropPending<Observer: TransitionObserver>(
        _ end: Int, _ context: inout Context<Observer>
    ) {
        if pendingCount[end] != 0 { dropPending(end, first: Int(pendingCount[end]), &context) }
    }

    /// Keeps the `count` oldest inferred transitions of an end as they stand.
    @inlinable
    mutating func dropPending<Observer: TransitionObserver>(
        _ end: Int, first count: Int, _ context: inout Context<Observer>
    ) {
        shiftPending(end, by: count, &context)
        returnEmptySlot(&context)
    }

    /// Forgets all but the `count` oldest inferred transitions of an end.
    @inlinable
    mutating func keepPending<Observer: TransitionObserver>(
        _ end: Int, first count: Int, _ context: inout Context<Observer>
    ) {
        pendingCount[end] = UInt8(count)
        returnEmptySlot(&context)
    }

    @inlinable
    mutating func shiftPending<Observer: TransitionObserver>(
        _ end: Int, by count: Int, _ context: inout Context<Observer>
    ) {
        for index in count..<Int(pendingCount[end]) {
            context.pool[pendingSlot, end, index - count] = context.pool[pendingSlot, end, index]
        }
        pendingCount[end] -= UInt8(count)
    }

    @inlinable
    mutating func returnEmptySlot<Observer: TransitionObserver>(
        _ context: inout Context<Observer>
    ) {
        if pendingCount[0] | pendingCount[1] == 0 { context.pool.give(pendingSlot) }
    }
}
