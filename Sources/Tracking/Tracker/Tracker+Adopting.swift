public import TCPState
public import Wire

// Connections that no segment has begun: known from elsewhere when a run starts.
extension Tracker {
    /// Goes on with a connection of an earlier run, unless there is one on its key and scope. Returns whether it was
    /// taken.
    ///
    /// - Parameters:
    ///   - scope: where it was seen, see `ConnectionRecord.scope`; nil where its first segments tell.
    ///   - now: the time on the packet clock: timers that ran out since then take effect with the next tick.
    public mutating func adopt(
        _ archive: ConnectionArchive, on key: FlowKey, scope: UInt32? = nil, at now: Timestamp
    ) -> Bool {
        advanceTimers(to: now)
        guard isFree(key, scope),
            var connection = archive.connection(serial: nextSerial, stream: nextStream)
        else { return false }
        connection.resume()
        insert(connection, on: key, scope)
        return true
    }

    /// Adds a connection of whose ends a kernel tells, unless its key is in use. Its observer is told of
    /// their states as assumed. Returns whether it was added.
    public mutating func adopt(
        _ key: FlowKey, low: ExistingEnd?, high: ExistingEnd?, opener: Side, at time: Timestamp
    ) -> Bool {
        advanceTimers(to: time)
        guard isFree(key, nil) else { return false }
        let connection = Connection(
            existing: low, high, opener: opener, serial: nextSerial, stream: nextStream, at: time)
        insert(connection, on: key, nil)
        for side in Side.allCases where connection[side].state != .unknown {
            _ = context.observer.observe(
                Transition(
                    connection: connection.serial, side: side, from: .unknown,
                    to: connection[side].state, event: .presumed, grade: .assumed, timer: .none,
                    moment: .atTap, seen: time, notBefore: nil, notAfter: time, frame: 0))
        }
        return true
    }

    /// Whether a connection that was seen on a scope, or on any, can be none that is there.
    private func isFree(_ key: FlowKey, _ scope: UInt32?) -> Bool {
        let hash = table.hash(key)
        guard let first = table.findAny(key, hash: hash) else { return true }
        guard let scope else { return false }
        return Side.allCases.allSatisfy { side in
            table.find(from: first, key, hash: hash, scope: scope, sender: side) == nil
        }
    }

    private mutating func insert(_ connection: Connection, on key: FlowKey, _ scope: UInt32?) {
        counts.connections &+= 1
        nextSerial &+= 1
        nextStream &+= 1
        makeRoom()
        context.observer.connectionOpened(
            ConnectionRecord(key: key, connection: connection, scope: scope ?? 0))
        var flow = Flow(key: key, connection: connection)
        if let scope { flow.scopes = InlineArray(repeating: scope) }
        flow.deadline =
            flow.connection.nextDeadline(&context) ?? Timestamp(nanoseconds: .max)
        let index = table.insert(flow, hash: table.hash(key))
        noteSlot(index)
        table.schedule(index)
    }
}
