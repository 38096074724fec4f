public import TCPState
public import Wire

// Of many open connections most only exchange data, each now and then. Where nobody looks at them meanwhile, those that
// have been steady for a while are kept as a ``CompactFlow``.
extension Tracker {
    /// Notes that a flow has become steady, and makes one compact that did so long ago, if it can be. O(1).
    @inlinable
    mutating func noteSteady(_ index: FlowIndex) {
        guard let oldest = table.noteSteady(index) else { return }
        compact(oldest)
    }

    /// Makes a flow compact, if it can be.
    @inlinable @inline(never)
    mutating func compact(_ index: FlowIndex) { _ = table.compact(index, &context) }

    /// Makes a flow of a compact one.
    @inlinable @inline(never)
    mutating func expand(_ index: FlowIndex, hash: UInt64) -> FlowIndex {
        let whole = table.expand(index, hash: hash, &context)
        table.flows[whole].deadline =
            table.flows[whole].connection.nextDeadline(&context) ?? Timestamp(nanoseconds: .max)
        table.schedule(whole)
        return whole
    }
}
