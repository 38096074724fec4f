internal import Memory
public import TCPState
public import Wire

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

    /// Keeps the compact form of a flow that was written in a place, if it has one, or gives the place back. Returns whether
    /// it has one.
    @inlinable
    mutating func settle(
        _ isCompact: Bool, _ index: FlowIndex, _ key: FlowKey, _ details: CompactDetails
    ) -> Bool {
        compactFlows[index].isLive = true
        guard isCompact else {
            compactFlows.remove(index)
            return false
        }
        if !key.low.isIPv4 || !key.high.isIPv4 { keepAddresses(of: key, index) }
        if compactFlows[index].connection.hasDetails { keep(details, index) }
        return true
    }

    @usableFromInline
    mutating func keepAddresses(of key: FlowKey, _ index: FlowIndex) {
        compactFlows[index].addressPlace = compactAddresses.add(AddressPair(of: key))
    }

    /// The addresses and ports of a compact flow.
    @usableFromInline
    func key(ofCompact index: FlowIndex) -> FlowKey {
        compactFlows[index].key(compactFlows[index].addressPlace.map { compactAddresses[$0] })
    }

    @usableFromInline
    mutating func keep(_ details: CompactDetails, _ index: FlowIndex) {
        compactFlows[index].connection.detailsPlace = compactDetails.add(details).position + 1
    }

    /// What is unusual of a compact flow.
    @usableFromInline
    func details(_ index: FlowIndex) -> CompactDetails {
        let place = compactFlows[index].connection.detailsPlace
        return place == 0 ? CompactDetails() : compactDetails[FlowIndex(rawValue: place - 1)]
    }

    /// Writes a compact flow in the place of another record.
    @usableFromInline
    func write(compact index: FlowIndex, to record: inout ConnectionRecord) {
        compactFlows[index].write(to: &record, key(ofCompact: index), details(index))
    }

    /// A compact flow as a flow, without what is inferred of its ends.
    @usableFromInline
    func flow(ofCompact index: FlowIndex) -> Flow {
        compactFlows[index].flow(key(ofCompact: index), details(index))
    }

    /// Makes a flow compact, if it can be; returns its new place.
    @inlinable
    mutating func compact<Observer: TransitionObserver>(
        _ index: FlowIndex, _ context: inout MachineContext<Observer>
    ) -> FlowIndex? {
        let place = compactFlows.addPlace()
        var details = CompactDetails()
        let compact = unsafe compactFlows.address(place)
        let isCompact = unsafe flows[index].write(to: &compact.pointee, &details, context)
        guard settle(isCompact, place, flows[index].key, details) else { return nil }
        flows[index].connection.freezePending(&context)
        replace(index, withCompact: place)
        return place
    }

    @usableFromInline
    mutating func replace(_ index: FlowIndex, withCompact compactIndex: FlowIndex) {
        let hash = flows[index].hash
        // A steady flow is in the table.
        if let position = position(of: FlowTable.slot(hash, index)) {
            slots[Int(position)] = FlowTable.slot(hash, compactIndex)
        }
        if flows[index].timerSlot != 0 { unlink(index) }
        flows[index].isSteady = [false, false]
        flows.remove(index)
    }

    /// Makes a flow of a compact one, which is forgotten.
    @inlinable
    mutating func expand<Observer: TransitionObserver>(
        _ index: FlowIndex, hash: UInt64, _ context: inout MachineContext<Observer>
    ) -> FlowIndex {
        let flow = add(flow(ofCompact: index), hash: hash)
        compactFlows[index].connection.inferTransition(
            &flows[flow].connection, details(index), &context)
        replace(index, with: flow, hash: hash, isSame: true)
        forget(compact: index)
        return flow
    }

    /// Forgets a compact flow.
    @usableFromInline
    mutating func remove(compact index: FlowIndex) {
        let key = key(ofCompact: index)
        leave(index, key, hash: hash(key))
        forget(compact: index)
    }

    @usableFromInline
    mutating func forget(compact index: FlowIndex) {
        let place = compactFlows[index].connection.detailsPlace
        if place != 0 { compactDetails.vacate(FlowIndex(rawValue: place - 1)) }
        if let place = compactFlows[index].addressPlace { compactAddresses.vacate(place) }
        compactFlows.remove(index)
    }
}

extension Store<CompactFlow> {
    /// A place for a compact flow, whatever stands there. Amortised O(1).
    @usableFromInline
    mutating func addPlace() -> FlowIndex {
        FlowIndex(compact: free.popLast() ?? FlowIndex(rawValue: entries.appendZeros()))
    }
}
