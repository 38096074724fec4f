internal import FlowTable
public import TCPState
internal import Wire

/// An observer of which each shard's tracker has one of its own.
public protocol DivisibleObserver: TrackingObserver, SendableMetatype {
    /// An observer for a shard.
    func part() -> Self

    /// Takes what a shard's observer was told, whose connections have other numbers in the run.
    mutating func join(_ part: Self, _ numbers: Numbering.Part)
}

extension Tracker {
    /// Runs all timers to the time of the last frame, but lets no connection depart.
    public mutating func settle() {
        catchUp()
        let end = account.last ?? Timestamp(nanoseconds: 0)
        table.forEach { _, flow in
            flow.connection.advance(to: end, profile, context: &context)
        }
    }

    /// How its connections began, by which ``Numbering`` numbers those of all shards.
    public var numberedOpenings: Numbering.Openings { openings }

    /// The store's next connection from a place on, and the place after it; nil if none is left.
    public func record(from place: UInt32) -> (record: ConnectionRecord, next: UInt32)? {
        guard let index = table.nextLive(from: place) else { return nil }
        return (table.flows[index].record, index.place + 1)
    }
}

extension ConnectionRecord {
    /// The same with the numbers of the whole run.
    public func renumbered(_ numbers: Numbering.Part) -> ConnectionRecord {
        var connection = connection
        connection.renumber(
            serial: numbers.serial(connection.serial), stream: numbers.stream(connection.stream))
        return ConnectionRecord(key: key, connection: connection)
    }
}

extension Account {
    /// Adds what another shard of the same run says of its own connections.
    public mutating func add(_ other: Account) {
        connections &+= other.connections
        evictions.closed &+= other.evictions.closed
        evictions.halfOpen &+= other.evictions.halfOpen
        evictions.open &+= other.evictions.open
    }
}
