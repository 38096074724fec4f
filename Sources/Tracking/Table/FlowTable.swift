public import Memory
public import TCPState
internal import Wire

/// All flows, found by key: open addressing over 8-byte slots of 32 bits of the hash and a store index.
/// Those bits say where a slot belongs as well, so growing touches no flow.
///
/// The hash is keyed per run; lookup is O(1) and touches one slot and one flow as a rule. Iteration
/// is in store order. Not for concurrent use: every shard owns a table of its own.
public struct FlowTable: ~Copyable {
    /// The flows themselves.
    public var flows = Store<Flow>()
    /// Connections that are no flows yet.
    public var synCache = SYNCache()
    /// Flows that have been steady for a while.
    public var compactFlows = Store<CompactFlow>(smallChunkCount: 1)
    /// What is unusual of those.
    @usableFromInline var compactDetails = Store<CompactDetails>()
    /// Their addresses, where these are not of IPv4.
    @usableFromInline var compactAddresses = Store<AddressPair>()
    /// The timers of all flows.
    public var wheel = TimerWheel()

    @usableFromInline var slots: ZeroedWords
    @usableFromInline var mask: UInt64
    @usableFromInline var occupied = 0
    /// How keys are hashed.
    public let hashing: FlowHash
    /// Where the search for a flow to evict stopped.
    @usableFromInline var clockHand: UInt32 = 0
    /// The flows that became steady lately, from the oldest at ``steadyHead`` on; `UInt32.max` for none.
    @usableFromInline var steady: [UInt32]
    @usableFromInline var steadyHead = 0
    /// Where the search for a compact flow to evict stopped.
    @usableFromInline var compactClockHand: UInt32 = 0
    /// The cached SYNs by age, once one had to be evicted.
    @usableFromInline var cachedSYNsByAge: EvictionQueue?
    /// The connections on keys that have several.
    @usableFromInline var siblings: [FlowKey: Siblings] = [:]
    /// While a table is read: the connections with siblings that have their key's own slot.
    var owners: Set<FlowIndex> = []

    /// Makes an empty table with a secret of its own, or with a given one to repeat a run exactly.
    public init(seed: UInt64 = .random(in: .min ... .max)) {
        self.init(seed: seed, steadyCount: FlowTable.steadyCount)
    }

    /// The same with another number, a power of two, instead of ``steadyCount``.
    init(seed: UInt64, steadyCount: Int) {
        steady = Array(repeating: .max, count: steadyCount)
        hashing = FlowHash(seed: seed)
        mask = 1 << 12 - 1
        slots = ZeroedWords(count: 1 << 12)
    }

    /// Connections kept, earlier incarnations included.
    @inlinable
    public var count: Int { flows.count + synCache.count + compactFlows.count }

    /// The keyed hash of a key, to be passed to the other calls.
    @inlinable @inline(__always)
    public func hash(_ key: FlowKey) -> UInt64 { hashing(key) }

    /// Which of the current connections on a key a segment from `sender` with a scope belongs to; nil if to
    /// none. O(1), amortised.
    ///
    /// That which has seen the scope from this sender; else one that has seen nothing from this sender yet: one
    /// that has seen the scope from its peer, or the oldest.
    ///
    /// - Parameter first: what ``findAny(_:hash:)`` found.
    @inlinable @_addressableSelf
    public func find(
        from first: FlowIndex, _ key: FlowKey, hash: UInt64, scope: UInt32, sender: Side
    ) -> FlowIndex? {
        let known = self.scope(of: first, sender)
        if known == scope { return first }
        guard isShared(first) else { return known == nil ? first : nil }
        return findAmongSiblings(of: first, key, hash: hash, scope: scope, sender: sender)
    }

    /// The connection of which an ICMP error quotes a segment: that which was seen on the error's scope, in the error's
    /// own direction or in the segment's; the only one on its key wherever it was seen.
    ///
    /// - Parameter sender: of the quoted segment.
    @inlinable @_addressableSelf
    func findQuoted(_ key: FlowKey, hash: UInt64, scope: UInt32, sender: Side) -> FlowIndex? {
        guard let first = findAny(key, hash: hash) else { return nil }
        guard isShared(first) else { return first }
        for side in [sender.peer, sender] {
            let index = find(from: first, key, hash: hash, scope: scope, sender: side)
            if let index, self.scope(of: index, side) == scope { return index }
        }
        return nil
    }

    /// The first of the current connections on a key, whatever its scopes: the oldest.
    @inlinable @_addressableSelf
    public func findAny(_ key: FlowKey, hash: UInt64) -> FlowIndex? {
        var position = home(hash)
        while let index = nextMatch(hash, from: &position) {
            if self.key(of: index) == key { return index }
        }
        return nil
    }

    @inlinable @_addressableSelf
    func key(of index: FlowIndex) -> FlowKey {
        if index.isCompact { return key(ofCompact: index) }
        return index.isCachedSYN ? synCache.key(index) : flows[index].key
    }

    /// The scope of what an end sends; nil while it has sent nothing.
    @inlinable @_addressableSelf
    func scope(of index: FlowIndex, _ sender: Side) -> UInt32? {
        if index.isCompact { return compactFlows[index].scope }
        guard index.isCachedSYN else { return flows[index].scopes[sender.rawValue] }
        return synCache.scope(index, sender)
    }

    @inlinable @_addressableSelf
    func isShared(_ index: FlowIndex) -> Bool {
        if index.isCompact { return false }
        return index.isCachedSYN ? synCache.isShared(index) : flows[index].isShared
    }

    /// The connection's number in the run.
    @inlinable @_addressableSelf
    public func serial(of index: FlowIndex) -> UInt32 {
        if index.isCompact { return compactFlows[index].connection.serial }
        return index.isCachedSYN ? synCache.serial(index) : flows[index].connection.serial
    }

    /// Adds a flow.
    ///
    /// - Parameter isAlone: whether it is known that there is no other connection on its key.
    @inlinable
    public mutating func insert(_ flow: Flow, hash: UInt64, isAlone: Bool = false) -> FlowIndex {
        let index = add(flow, hash: hash)
        insert(index, flow.key, hash: hash, isAlone: isAlone)
        return index
    }

    @inlinable @inline(__always)
    mutating func add(_ flow: Flow, hash: UInt64) -> FlowIndex {
        let index = flows.add(flow)
        flows[index].hash = hash
        return index
    }

    /// Adds a cached SYN; see ``insert(_:hash:isAlone:)``.
    @inlinable
    public mutating func insert(_ cachedSYN: SYNCacheEntry, hash: UInt64, isAlone: Bool = false) {
        let index = synCache.add(cachedSYN)
        insert(index, cachedSYN.key, hash: hash, isAlone: isAlone)
        guard cachedSYNsByAge != nil else { return }
        cachedSYNsByAge?.append(index, cachedSYN.serial)
        if cachedSYNsByAge?.count ?? 0 > 2 * synCache.count + 4096 { clearQueue() }
    }

    @inlinable
    mutating func insert(_ index: FlowIndex, _ key: FlowKey, hash: UInt64, isAlone: Bool) {
        if !isAlone, let first = findAny(key, hash: hash) {
            merge(index, first, key, hash: hash)
        } else {
            insert(slot: FlowTable.slot(hash, index))
        }
    }

    /// How many quarters of the slots may be in use: half of them as long as a step to the next slot, a branch to guess,
    /// costs more than memory; of millions three quarters.
    @inlinable
    var maximumLoad: UInt64 { mask < 1 << 22 ? 2 : 3 }

    @inlinable
    mutating func insert(slot: UInt64) {
        if UInt64(occupied + 1) * 4 > (mask + 1) * maximumLoad { grow() }
        put(slot)
        occupied += 1
    }

    /// Puts a flow in the place of a cached SYN, which is forgotten.
    @inlinable @inline(__always)
    public mutating func replace(_ cachedSYN: FlowIndex, with flow: Flow, hash: UInt64) -> FlowIndex
    {
        let index = add(flow, hash: hash)
        replace(cachedSYN, with: index, hash: hash, isSame: true)
        synCache.remove(cachedSYN)
        return index
    }

    /// Forgets a cached SYN.
    public mutating func remove(cachedSYN index: FlowIndex) {
        let key = synCache.key(index)
        leave(index, key, hash: hash(key))
        synCache.remove(index)
    }

    /// Every connection kept, in the order of their first frames, by their numbers. O(n) where most
    /// connections that there were are kept.
    public func inOrder() -> [FlowIndex] {
        var last: UInt32 = 0
        forEachIndex { last = max(last, serial(of: $0)) }
        guard Int(last) < 2 * count else {
            var all: [FlowIndex] = []
            all.reserveCapacity(count)
            forEachIndex { all.append($0) }
            all.sort { serial(of: $0) < serial(of: $1) }
            return all
        }
        // Four bytes for each: there may be very many.
        let none = FlowIndex(rawValue: .max)
        var indices = [FlowIndex](repeating: none, count: Int(last) + 1)
        forEachIndex { indices[Int(serial(of: $0))] = $0 }
        if indices.count > count { indices.removeAll { $0 == none } }
        return indices
    }

    /// Calls `body` with every connection kept, store by store.
    func forEachIndex(_ body: (FlowIndex) -> Void) {
        flows.forEachIndex(body)
        compactFlows.forEachIndex { body(FlowIndex(compact: $0)) }
        synCache.forEachIndex(body)
    }

    /// Adds a new incarnation in the place of `old`, which is kept.
    @inlinable
    public mutating func reuseKey(_ old: FlowIndex, with flow: Flow, hash: UInt64) -> FlowIndex {
        var flow = flow
        flow.previousIndex = old
        flow.previousSerial = flows[old].connection.serial
        let index = add(flow, hash: hash)
        replace(old, with: index, hash: hash, isSame: false)
        flows[old].isCurrent = false
        flows[old].isSteady = [false, false]
        return index
    }

    /// The earlier connection on a flow's key, if it is still kept.
    @inlinable @inline(__always) @_addressableSelf
    public func previous(of index: FlowIndex) -> FlowIndex? {
        guard let previous = flows[index].previousIndex, flows[previous].isLive,
            flows[previous].connection.serial == flows[index].previousSerial
        else { return nil }
        return previous
    }

    /// Whether the entry is in use.
    @inlinable
    public func isLive(_ index: FlowIndex) -> Bool { flows[index].isLive }

    /// Forgets a flow.
    @inlinable
    public mutating func remove(_ index: FlowIndex) {
        if flows[index].isCurrent { leave(index, flows[index].key, hash: flows[index].hash) }
        flows[index].isSteady = [false, false]
        flows.remove(index)
    }

    /// Calls `body` with each flow in store order.
    @inlinable
    public mutating func forEach(_ body: (FlowIndex, inout Flow) -> Void) {
        for raw in 0..<flows.used {
            let index = FlowIndex(rawValue: raw)
            if flows[index].isLive { body(index, &flows[index]) }
        }
    }

    @inlinable
    static func slot(_ hash: UInt64, _ index: FlowIndex) -> UInt64 {
        (hash >> 32) << 32 | UInt64(index.rawValue + 1)
    }

    /// Lets a connection be found where another one was found.
    @inlinable
    mutating func replace(
        _ old: FlowIndex, with index: FlowIndex, hash: UInt64, isSame: Bool
    ) {
        guard !isShared(old) else {
            replaceSibling(old, with: index, key(of: old), hash: hash, isSame: isSame)
            return
        }
        guard let position = position(of: FlowTable.slot(hash, old)) else { return }
        slots[Int(position)] = FlowTable.slot(hash, index)
    }

    /// Lets a connection not be found any more.
    @inlinable
    mutating func leave(_ index: FlowIndex, _ key: FlowKey, hash: UInt64) {
        guard !isShared(index) else { return leaveSiblings(index, key, hash: hash) }
        vacate(slot: FlowTable.slot(hash, index))
    }

    /// Empties a slot; returns whether there was one.
    @inlinable @discardableResult
    mutating func vacate(slot: UInt64) -> Bool {
        guard let position = position(of: slot) else { return false }
        vacate(position)
        occupied -= 1
        return true
    }

    @usableFromInline
    mutating func grow() {
        var larger = ZeroedWords(count: slots.count * 2)
        swap(&slots, &larger)
        mask = mask << 1 | 1
        for position in 0..<larger.count where larger[position] != 0 { put(larger[position]) }
    }
}
