public import FlowTable
public import TCPState

extension Tracker {
    /// Evicts one connection if the table is full: a closed one, else a half-open one, else the
    /// oldest. A quiet connection is never dropped for being quiet while there is room.
    @inlinable
    mutating func makeRoom() {
        if table.count >= maximumConnections { evict() }
    }

    @inlinable
    mutating func evict() {
        while overTaken < over.count {
            let index = over[overTaken]
            overTaken += 1
            if overTaken > 4096, overTaken * 2 > over.count {
                over.removeFirst(overTaken)
                overTaken = 0
            }
            if table.isLive(index), table.flows[index].connection.isOver {
                account.evictions.closed += 1
                remove(index, .evicted)
                return
            }
        }
        if let embryo = table.nextEmbryo() {
            account.evictions.halfOpen += 1
            // Whichever has been half-open for longer; flows are looked at one at a time.
            let older = table.nextFlow(olderThan: table.embryos[embryo].serial)
            if let older, table.flows[older].connection.isHalfOpen {
                remove(older, .evicted)
            } else {
                context.observer.depart(record(embryo), .evicted)
                table.remove(embryo: embryo)
            }
            return
        }
        let victim = table.nextVictim(preferring: { $0.connection.isHalfOpen })
        guard let victim else { return }
        if table.flows[victim].connection.isHalfOpen {
            account.evictions.halfOpen += 1
        } else {
            account.evictions.open += 1
        }
        remove(victim, .evicted)
    }

    /// Lets a connection depart before the end of the run.
    @inlinable
    mutating func remove(_ index: FlowIndex, _ reason: Departure) {
        table.flows[index].connection.settlePending(&context)
        let record = table.flows[index].record(context)
        context.observer.depart(record, reason)
        context.forgetNotes(of: table.flows[index].connection)
        table.remove(index)
    }
}
