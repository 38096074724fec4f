public import TCPState
public import Wire

// Of many open connections most only exchange data, each now and then. Those that have been steady for a while are kept as a
// ``CompactFlow``.
extension Tracker {
    /// Notes that a flow has become steady, and makes one compact that did so long ago, if it can be. O(1).
    @inlinable
    mutating func noteSteady(_ index: FlowIndex) {
        guard let oldest = table.noteSteady(index) else { return }
        compact(oldest)
    }

    /// Makes a flow compact, if it can be.
    @inlinable @inline(never)
    mutating func compact(_ index: FlowIndex) {
        guard let place = table.compact(index, &context) else { return }
        noteMove(index, to: place)
    }

    /// Makes a flow of a compact one.
    @inlinable @inline(never)
    mutating func expand(_ index: FlowIndex, hash: UInt64) -> FlowIndex {
        let whole = table.expand(index, hash: hash, &context)
        table.flows[whole].deadline =
            table.flows[whole].connection.nextDeadline(&context) ?? Timestamp(nanoseconds: .max)
        table.schedule(whole)
        noteMove(index, to: whole)
        return whole
    }

    /// Notes that a connection is kept elsewhere.
    @inlinable
    mutating func noteMove(_ old: FlowIndex, to index: FlowIndex) {
        guard Observer.looksUp else { return }
        noteSlot(index)
        round.noteMove(old, to: index, table.serial(of: index))
    }
}
