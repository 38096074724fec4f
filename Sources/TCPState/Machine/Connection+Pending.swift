extension Connection {
    /// Whether anything of it is only inferred and may still be confirmed or withdrawn.
    @inlinable
    public var isOpenToDoubt: Bool { pendingCount[0] | pendingCount[1] > 0 }

    /// Adds an inferred transition of an end.
    @inlinable
    mutating func addPending<Observer: TransitionObserver>(
        _ pending: Pending, _ end: Int, _ context: inout MachineContext<Observer>
    ) {
        if pendingCount[end] == PendingPool.capacity { dropPending(end, first: 1, &context) }
        context.pool.append(pending, to: &ends[end].pendingFirst, count: Int(pendingCount[end]))
        pendingCount[end] += 1
    }

    /// Keeps what was inferred as it stands: the connection is about to be forgotten.
    @inlinable
    public mutating func freezePending<Observer: TransitionObserver>(
        _ context: inout MachineContext<Observer>
    ) {
        for end in 0...1 { dropPending(end, &context) }
    }

    /// Keeps what was inferred of an end as it stands: it can no longer be withdrawn.
    @inlinable
    mutating func dropPending<Observer: TransitionObserver>(
        _ end: Int, _ context: inout MachineContext<Observer>
    ) {
        if pendingCount[end] != 0 { dropPending(end, first: Int(pendingCount[end]), &context) }
    }

    /// Keeps the `count` oldest inferred transitions of an end as they stand.
    @inlinable
    mutating func dropPending<Observer: TransitionObserver>(
        _ end: Int, first count: Int, _ context: inout MachineContext<Observer>
    ) {
        context.pool.removeFirst(count, of: &ends[end].pendingFirst)
        pendingCount[end] -= UInt8(count)
    }

    /// Forgets all but the `count` oldest inferred transitions of an end.
    @inlinable
    mutating func keepPending<Observer: TransitionObserver>(
        _ end: Int, first count: Int, _ context: inout MachineContext<Observer>
    ) {
        context.pool.removeLast(
            from: count, of: &ends[end].pendingFirst, count: Int(pendingCount[end]))
        pendingCount[end] = UInt8(count)
    }
}
