internal import Memory
internal import TCPState

// Of many open connections most only exchange data, each now and then. They are kept as compact flows.
extension FlowTable {
    /// So many that became steady lately are kept as they are: more than are at work at once, as a rule, so that a
    /// connection that lives for a short time is never made compact.
    @inlinable static var steadyCount: Int { 1 << 14 }

    /// Notes that a flow has become steady. Returns one that did so long ago, and still is. O(1).
    @inlinable
    mutating func noteSteady(_ index: FlowIndex) -> FlowIndex? {
        let oldest = FlowIndex(rawValue: steady[steadyHead])
        steady[steadyHead] = index.rawValue
        let mask = steady.count - 1
        steadyHead = (steadyHead + 1) & mask
        let later = FlowIndex(rawValue: steady[(steadyHead + 4) & mask])
        if later.rawValue != .max { prefetch(later) }
        // By now a nearer one has come, which tells its slot.
        let nearer = FlowIndex(rawValue: steady[(steadyHead + 2) & mask])
        if nearer.rawValue != .max { prefetchSlot(flows[nearer].hash) }
        guard oldest.rawValue != .max, flows[oldest].isLive,
            flows[oldest].isSteady[0] || flows[oldest].isSteady[1]
        else { return nil }
        return oldest
    }

    /// Puts a compact flow in the place of the flow that it is made of.
    @usableFromInline
    mutating func replace(_ index: FlowIndex, with flow: CompactFlow) {
        let hash = flows[index].hash
        guard let position = position(of: FlowTable.slot(hash, index)) else { return }
        if flows[index].timerSlot != 0 { unlink(index) }
        let compactIndex = compactFlows.add(flow)
        slots[Int(position)] = FlowTable.slot(hash, compactIndex)
        flows[index].isSteady = [false, false]
        flows.remove(index)
    }

    /// Makes a flow of a compact one, which is forgotten, without what is inferred of its ends.
    @usableFromInline
    mutating func expand(_ index: FlowIndex, hash: UInt64) -> FlowIndex {
        let flow = add(compactFlows[index].flow, hash: hash)
        replace(index, with: flow, hash: hash, isSame: true)
        compactFlows.remove(index)
        return flow
    }

    /// Forgets a compact flow.
    @usableFromInline
    mutating func remove(compact index: FlowIndex) {
        let key = compactFlows[index].key
        leave(index, key, hash: hash(key))
        compactFlows.remove(index)
    }
}

extension Store<CompactFlow> {
    /// Adds a compact flow. Amortised O(1).
    @usableFromInline
    mutating func add(_ flow: CompactFlow) -> FlowIndex {
        guard let index = free.popLast() else {
            return FlowIndex(compact: FlowIndex(rawValue: entries.append(flow)))
        }
        self[index] = flow
        return FlowIndex(compact: index)
    }
}
