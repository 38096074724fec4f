public import Memory
public import TCPState
public import Wire

extension Tracker {
    /// Shows every connection as it stands after the frames so far, the latest incarnation of a tuple
    /// and those before it. Timers have run to the last frame for those that were due.
    ///
    /// Complexity: all connections kept.
    public mutating func look(_ body: (ConnectionRecord) -> Void) {
        table.forEach { _, flow in body(flow.record(context)) }
        var record = ConnectionRecord.blank
        table.compactFlows.forEachIndex { index in
            table.write(compact: index, to: &record)
            body(record)
        }
    }

    /// The connections that a segment of the last frame may be of, as they stand after it: the current one on its
    /// addresses, ports and scope, and the one before it if that is kept.
    ///
    /// - Parameter interface: on which it was seen.
    public func connections(of segment: Segment, interface: UInt32) -> [ConnectionRecord] {
        let key = FlowKey(segment)
        let hash = table.hash(key)
        guard let first = table.findAny(key, hash: hash),
            let index = table.find(
                from: first, key, hash: hash, scope: segment.scope ^ interfaceScope(interface),
                sender: FlowKey.sender(of: segment))
        else { return [] }
        let current = [present(index)]
        guard !index.isCompact, let previous = table.previous(of: index) else { return current }
        return current + [present(previous)]
    }

    /// A connection as it stands after the frames so far; nil if it has departed. For observers that look
    /// connections up: see ``TrackingObserver/looksUp``. O(1), however many have the same addresses and ports.
    public func connection(numbered serial: UInt32) -> ConnectionRecord? {
        indexBySerial[serial].map { present($0) }
    }

    /// A connection as it stands after the frames so far, which is more than a cached SYN.
    func present(_ index: FlowIndex) -> ConnectionRecord {
        guard index.isCompact else { return table.flows[index].record(context) }
        var record = ConnectionRecord.blank
        table.write(compact: index, to: &record)
        return record
    }

    /// Notes where a connection is kept.
    @inlinable
    mutating func noteSlot(_ index: FlowIndex) {
        if Observer.looksUp { indexBySerial[table.serial(of: index)] = index }
    }
}

extension Flow {
    /// The connection with its addresses and notes.
    @inlinable @inline(__always) @_addressableSelf
    func record<Observer>(_ context: borrowing MachineContext<Observer>) -> ConnectionRecord {
        ConnectionRecord(
            key: key, connection: connection, rareFacts: connection.rareFacts(context),
            scope: scopes[0] ?? scopes[1] ?? 0)
    }

    /// The same, written in the place of another record.
    @inlinable @inline(__always) @_addressableSelf
    func write<Observer>(
        to record: inout ConnectionRecord, _ context: borrowing MachineContext<Observer>
    ) {
        record.become(
            key: key, connection: connection, rareFacts: connection.rareFacts(context),
            scope: scopes[0] ?? scopes[1] ?? 0)
    }
}

extension ConnectionRecord {
    /// What stands where another record is about to be written.
    public static var blank: ConnectionRecord { ConnectionRecord(key: .blank, connection: .blank) }
}
