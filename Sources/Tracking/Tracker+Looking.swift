public import FlowTable
public import TCPState

extension Tracker {
    /// Shows every connection as it stands after the frames so far, the latest incarnation of a tuple
    /// and those before it. Timers have run to the last frame for those that were due.
    ///
    /// Complexity: all connections kept.
    public mutating func look(_ body: (ConnectionRecord) -> Void) {
        table.forEach { _, flow in body(context.record(of: flow)) }
    }

    /// The connections on a key as they stand after the frames so far: the current one, and the one
    /// before it if that is kept.
    public func connections(on key: FlowKey) -> [ConnectionRecord] {
        guard let index = table.findAny(key, hash: table.hash(key)) else { return [] }
        let current = [context.record(of: table.flows[index])]
        guard let previous = table.previous(of: index) else { return current }
        return current + [context.record(of: table.flows[previous])]
    }
}

extension Context {
    /// A flow's connection with its addresses and notes.
    @inlinable
    func record(of flow: borrowing @_addressable Flow) -> ConnectionRecord {
        ConnectionRecord(
            key: flow.key, connection: flow.connection, notes: notes(of: flow.connection))
    }
}
