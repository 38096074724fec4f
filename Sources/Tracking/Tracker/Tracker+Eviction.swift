public import Memory
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
        while closedHead < closed.count {
            let index = closed[closedHead]
            closedHead += 1
            if closedHead > 4096, closedHead * 2 > closed.count {
                closed.removeFirst(closedHead)
                closedHead = 0
            }
            if table.isLive(index), table.flows[index].connection.isFinished {
                counts.evictions.closed += 1
                remove(index, .evicted)
                return
            }
        }
        if let cachedSYN = table.nextCachedSYN() {
            counts.evictions.halfOpen += 1
            // Whichever has been half-open for longer; flows are looked at one at a time.
            let older = table.nextFlow(olderThan: table.synCache.serial(cachedSYN))
            if let older, table.flows[older].connection.isHalfOpen {
                remove(older, .evicted)
            } else {
                context.observer.connectionClosed(record(cachedSYN), .evicted)
                table.remove(cachedSYN: cachedSYN)
            }
            return
        }
        let near = table.nextVictim(within: 256, preferring: { $0.connection.isHalfOpen })
        if near.map({ !table.flows[$0].connection.isHalfOpen }) ?? true,
            let compact = table.nextCompactVictim(
                within: 256, olderThan: near.map { table.serial(of: $0) } ?? .max)
        {
            counts.evictions.open += 1
            context.observer.connectionClosed(record(compact), .evicted)
            noteDeparture(compact)
            table.remove(compact: compact)
            return
        }
        // With nothing but free places near both hands, the next flow, however far.
        guard let victim = near ?? table.nextVictim(preferring: { _ in true }) else { return }
        if table.flows[victim].connection.isHalfOpen {
            counts.evictions.halfOpen += 1
        } else {
            counts.evictions.open += 1
        }
        remove(victim, .evicted)
    }

    /// Lets a connection depart before the end of the run.
    @inlinable
    mutating func remove(_ index: FlowIndex, _ reason: RemovalReason) {
        table.flows[index].connection.freezePending(&context)
        let record = table.flows[index].record(context)
        context.observer.connectionClosed(record, reason)
        context.forgetRareFacts(of: table.flows[index].connection)
        noteDeparture(index)
        table.remove(index)
    }

    @inlinable
    mutating func noteDeparture(_ index: FlowIndex) {
        guard Observer.looksUp else { return }
        indexBySerial[table.serial(of: index)] = nil
        round.forget(index)
    }
}
