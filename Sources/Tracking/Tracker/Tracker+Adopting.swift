public import TCPState
public import Wire

// Connections that no segment has begun: known from elsewhere when a run starts.
extension Tracker {
    /// Goes on with a connection of an earlier run, unless its key is in use. Returns whether it was
    /// taken.
    ///
    /// - Parameter now: the time on the packet clock: timers that ran out since then take effect with the next
    ///   tick.
    public mutating func adopt(
        _ archive: ConnectionArchive, on key: FlowKey, at now: Timestamp
    ) -> Bool {
        advanceTimers(to: now)
        guard isFree(key),
            var connection = archive.connection(serial: nextSerial, stream: nextStream)
        else { return false }
        connection.resume()
        insert(connection, on: key)
        return true
    }

    /// Adds a connection of whose ends a kernel tells, unless its key is in use. Its observer is told of
    /// their states as assumed. Returns whether it was added.
    public mutating func adopt(
        _ key: FlowKey, low: ExistingEnd?, high: ExistingEnd?, opener: Side, at time: Timestamp
    ) -> Bool {
        advanceTimers(to: time)
        guard isFree(key) else { return false }
        let connection = Connection(
            existing: low, high, opener: opener, serial: nextSerial, stream: nextStream, at: time)
        insert(connection, on: key)
        for side in Side.allCases where connection[side].state != .unknown {
            _ = context.observer.observe(
                Transition(
                    connection: connection.serial, side: side, from: .unknown,
                    to: connection[side].state, event: .presumed, grade: .assumed, timer: .none,
                    moment: .atTap, seen: time, notBefore: nil, notAfter: time, frame: 0))
        }
        return true
    }

    private func isFree(_ key: FlowKey) -> Bool {
        table.findAny(key, hash: table.hash(key)) == nil
    }

    private mutating func insert(_ connection: Connection, on key: FlowKey) {
        account.connections &+= 1
        nextSerial &+= 1
        nextStream &+= 1
        makeRoom()
        context.observer.connectionOpened(ConnectionRecord(key: key, connection: connection))
        // On which VLAN or interface it is, its first segments tell.
        var flow = Flow(key: key, connection: connection)
        flow.deadline =
            flow.connection.nextDeadline(&context) ?? Timestamp(nanoseconds: .max)
        let index = table.insert(flow, hash: table.hash(key))
        notePlace(index)
        table.schedule(index)
    }
}
