public import Coding
internal import Memory
internal import TCPState
internal import Wire

// Everything that a tracker knows of a run, as records: one that reads them goes on as the one that wrote them would,
// the numbers of connections and the order of evictions included. Slots of the table depend on the secret of the run:
// they are made anew.
extension Tracker {
    /// Writes everything but what the observer knows, or reads it in the place of nothing. A tracker that has read what
    /// makes no sense is of no use any more: see ``RecordCoder/isValid``.
    ///
    /// - Complexity: all connections kept. No more memory is taken than for as many as the tracker may keep.
    public mutating func code(_ records: inout some RecordCoder) {
        if !records.isReading { flush() }
        records.record { coder in
            coder(&counts)
            coder(&start)
            coder(&nextSerial)
            coder(&nextStream)
        }
        table.code(&records, &context, limit: maximumConnections)
        var indices = closed[closedHead...].map(\.rawValue)
        records.list(&indices, limit: FlowTable.listLimit(maximumConnections))
        if isShard { starts.code(&records) }
        guard records.isReading else { return }
        closed = indices.map { FlowIndex(rawValue: $0) }
        closedHead = 0
        guard indices.allSatisfy({ $0 < table.flows.used }), hasSerials(),
            !isShard || starts.connections == Int(nextSerial)
        else {
            return records.fail()
        }
        guard Observer.looksUp else { return }
        table.forEachIndex { indexBySerial[table.serial(of: $0)] = $0 }
    }

    /// The most connections of one form that it has kept at once: a tracker that reads what it wrote has to keep as many.
    public var mostKept: Int {
        Int(max(table.flows.used, table.synCache.used, table.compactFlows.used))
    }

    /// Whether every connection has a number of its own that was given already.
    private func hasSerials() -> Bool {
        var serials: [UInt32] = []
        serials.reserveCapacity(table.count)
        table.forEachIndex { serials.append(table.serial(of: $0)) }
        serials.sort()
        return serials.last.map { $0 < nextSerial } ?? true
            && zip(serials, serials.dropFirst()).allSatisfy { $0 < $1 }
    }
}
