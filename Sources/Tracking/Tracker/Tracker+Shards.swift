public import TCPState
public import Wire

/// An observer of which each shard's tracker has one of its own.
public protocol DivisibleObserver: TrackingObserver, SendableMetatype {
    /// An observer for a shard.
    func split() -> Self

    /// Takes what a shard's observer was told, whose connections have other numbers in the run.
    mutating func merge(_ other: Self, _ numbers: RunNumbering.ShardNumbers)

    /// Adds to an observer what another one was told of other connections, which have their numbers in the run; nil
    /// where connections must come in the order of their first frames, so that there is nothing to call.
    static var unorderedMerge: ((inout Self, Self) -> Void)? { get }

    /// Whether what it was told so far could have come in any other order as well, where there is an
    /// ``unorderedMerge``.
    var isOrderIndependent: Bool { get }
}

extension DivisibleObserver {
    /// None: connections come in the order of their first frames.
    public static var unorderedMerge: ((inout Self, Self) -> Void)? { nil }

    /// Whether there is an ``unorderedMerge``.
    public var isOrderIndependent: Bool { Self.unorderedMerge != nil }
}

extension Tracker {
    /// Runs all timers to the time of the last frame, but lets no connection depart. Returns all of
    /// them in the order of their first frames.
    @inlinable
    public mutating func runTimersToEnd() -> [FlowIndex] {
        flush()
        let end = end
        let count = table.count
        table.forEach { _, flow in
            flow.runTimers(to: end, context: &context)
            context.observer.preview(flow.key, flow.connection, of: count)
        }
        // No timer of theirs runs.
        if table.compactFlows.count > 0 { context.observer.previewEstablished() }
        table.compactFlows.forEachIndex { position in
            guard !table.compactFlows[position].connection.isHandshakeSeen else { return }
            let flow = table.flow(ofCompact: FlowIndex(compact: position))
            context.observer.preview(flow.key, flow.connection, of: count)
        }
        table.synCache.forEachIndex { index in
            let cachedSYN = table.synCache[index]
            context.observer.previewAttempt(cachedSYN.key, by: cachedSYN.sender, of: count)
        }
        return table.inOrder()
    }

    /// Asks for the memory of connections that are about to be recorded, one after the other: call it before
    /// each. It changes nothing; but a tracker that is only borrowed would be copied.
    @inlinable
    public mutating func prefetch(_ order: ArraySlice<FlowIndex>) {
        if order.count > 8 { table.prefetch(order[order.startIndex + 8]) }
        // By now that of a nearer one has come, which knows where its notes are.
        guard order.count > 4 else { return }
        let index = order[order.startIndex + 4]
        if !index.isCachedSYN, !index.isCompact {
            table.flows[index].connection.prefetchRareFacts(context)
        }
    }

    /// The time of the last frame.
    @inlinable
    var end: Timestamp { counts.last ?? Timestamp(nanoseconds: 0) }

    /// Takes over what is known of all frames of the run; to be called before ``runTimersToEnd()``.
    public mutating func includeFrames(_ all: FrameCounts) { counts.includeFrames(all) }

    /// How those of its connections began that were not taken before: see ``RunNumbering/append(_:)``.
    public mutating func takeConnectionStarts() -> RunNumbering.ConnectionStarts {
        defer { starts = RunNumbering.ConnectionStarts() }
        return starts
    }

    /// How its connections began, by which ``RunNumbering`` numbers those of all shards.
    public var connectionStarts: RunNumbering.ConnectionStarts { starts }
}

extension ConnectionRecord {
    /// Gives it its numbers in the whole run.
    public mutating func renumber(_ numbers: RunNumbering.ShardNumbers) {
        renumber(
            serial: numbers.serial(connection.serial), stream: numbers.stream(connection.stream))
    }
}

extension FrameCounts {
    /// Adds what another shard of the same run says of its own connections.
    public mutating func add(_ other: FrameCounts) {
        connections &+= other.connections
        evictions.closed &+= other.evictions.closed
        evictions.halfOpen &+= other.evictions.halfOpen
        evictions.open &+= other.evictions.open
    }
}
