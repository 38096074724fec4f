public import Memory
public import TCPState
internal import Wire

/// All flows, found by key: open addressing over 8-byte slots of 32 bits of the hash and a store index.
/// Those bits say where a slot belongs as well, so growing touches no flow.
///
/// The hash is keyed per run; lookup is O(1) and touches one slot and one flow as a rule. Iteration
/// is in store order. Not for concurrent use: every worker owns a table of its own.
public struct FlowTable: ~Copyable {
    /// The flows themselves.
    public var flows = Store<Flow>()
    /// Connections that are no flows yet.
    public var synCache = Store<SYNCacheEntry>()
    /// The timers of all flows.
    public var wheel = TimerWheel()

    @usableFromInline var slots: ZeroedWords
    @usableFromInline var mask: UInt64
    @usableFromInline var occupied = 0
    /// How keys are hashed.
    public let hashing: FlowHash
    /// Where the search for a flow to evict stopped.
    @usableFromInline var clockHand: UInt32 = 0
    /// Where the search for an embryo to evict stopped.
    @usableFromInline var synCacheHand: UInt32 = 0

    /// Makes an empty table with a secret of its own, or with a given one to repeat a run exactly.
    public init(seed: UInt64 = .random(in: .min ... .max)) {
        hashing = FlowHash(seed: seed)
        mask = 1 << 12 - 1
        slots = ZeroedWords(count: 1 << 12)
    }

    /// Connections kept, earlier incarnations included.
    @inlinable
    public var count: Int { flows.count + synCache.count }

    /// The keyed hash of a key, to be passed to the other calls.
    @inlinable @inline(__always)
    public func hash(_ key: FlowKey) -> UInt64 {
        hashing(key.low, key.lowPort) &+ hashing(key.high, key.highPort)
    }

    /// The current flow or embryo for a segment from `sender` with this key and scope, or nil.
    ///
    /// Among flows of one key a flow that has seen this scope from this sender wins; otherwise one
    /// that has seen nothing from this sender yet.
    ///
    /// - Parameter candidate: what ``prefetchFlow(_:)`` found, or ``Candidate/none``.
    @inlinable @_addressableSelf
    public func find(
        _ key: FlowKey, hash: UInt64, scope: UInt32, sender: Side, candidate: Candidate = .none
    ) -> FlowIndex? {
        if let index = find(candidate, key: key, scope: scope, sender: sender) { return index }
        var position = hash >> 32 & mask
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var second: FlowIndex?
        while true {
            // Positions are masked, and one slot at least is always empty.
            let slot = slots[Int(position)]
            if slot == 0 { return second }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag {
                let index = FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot) - 1)
                if index.isCachedSYN {
                    if synCache[index].key == key {
                        if synCache[index].sender != sender {
                            if second == nil { second = index }
                        } else if synCache[index].scope == scope {
                            return index
                        }
                    }
                } else if flows[index].key == key {
                    if let known = flows[index].scopes[sender.rawValue] {
                        if known == scope { return index }
                    } else if second == nil {
                        second = index
                    }
                }
            }
            position = (position + 1) & mask
        }
    }

    /// Any current flow with this key, whatever its scope: the one found first.
    @inlinable @_addressableSelf
    public func findAny(_ key: FlowKey, hash: UInt64) -> FlowIndex? {
        var position = hash >> 32 & mask
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        while true {
            let slot = slots[Int(position)]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag {
                let index = FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot) - 1)
                if (index.isCachedSYN ? synCache[index].key : flows[index].key) == key {
                    return index
                }
            }
            position = (position + 1) & mask
        }
    }

    /// Adds a flow under a new key (or a new scope of a key).
    @inlinable
    public mutating func insert(_ flow: Flow, hash: UInt64) -> FlowIndex {
        let index = add(flow)
        insert(index, hash: hash)
        return index
    }

    @inlinable
    mutating func add(_ flow: Flow) -> FlowIndex {
        let index = flows.add(flow)
        flows[index].endHashes[0] = hashing(flow.key.low, flow.key.lowPort)
        flows[index].endHashes[1] = hashing(flow.key.high, flow.key.highPort)
        return index
    }

    /// Adds an embryo under a new key (or a new scope of a key).
    @inlinable
    public mutating func insert(_ cachedSYN: SYNCacheEntry, hash: UInt64) {
        insert(synCache.add(cachedSYN), hash: hash)
    }

    @inlinable
    mutating func insert(_ index: FlowIndex, hash: UInt64) {
        // At most half full: beyond that runs grow long, and each step of one is a branch to guess.
        if UInt64(occupied + 1) * 2 > mask + 1 { grow() }
        place(FlowTable.slot(hash, index))
        occupied += 1
    }

    /// Puts a flow in the place of an embryo, which is forgotten.
    @inlinable
    public mutating func replace(_ cachedSYN: FlowIndex, with flow: Flow, hash: UInt64) -> FlowIndex
    {
        let index = add(flow)
        let position = slotPosition(of: cachedSYN, hash: hash)
        slots[Int(position)] = FlowTable.slot(hash, index)
        synCache.remove(cachedSYN)
        return index
    }

    /// Forgets an embryo.
    public mutating func remove(cachedSYN index: FlowIndex) {
        vacate(slotPosition(of: index, hash: hash(synCache[index].key)))
        occupied -= 1
        synCache.remove(index)
        // The next one takes this place: it is the youngest then.
        if index.place == synCacheHand {
            synCacheHand = synCacheHand + 1 < synCache.used ? synCacheHand + 1 : 0
        }
    }

    /// The embryo to evict: the next one in store order, which goes round.
    public mutating func nextCachedSYN() -> FlowIndex? {
        guard synCache.count > 0 else { return nil }
        while true {
            let index = FlowIndex(rawValue: synCacheHand)
            if index.rawValue < synCache.used, synCache[index].isLive {
                return FlowIndex(cachedSYN: index)
            }
            synCacheHand = synCacheHand + 1 < synCache.used ? synCacheHand + 1 : 0
        }
    }

    /// Looks at the next flow in store order, which goes round: returns it if its number is smaller.
    /// Where it is not it stays the next one.
    public mutating func nextFlow(olderThan serial: UInt32) -> FlowIndex? {
        guard flows.count > 0 else { return nil }
        let index = FlowIndex(rawValue: clockHand)
        if index.rawValue < flows.used, flows[index].isLive,
            flows[index].connection.serial >= serial
        {
            return nil
        }
        let isLive = index.rawValue < flows.used && flows[index].isLive
        clockHand = clockHand + 1 < flows.used ? clockHand + 1 : 0
        return isLive ? index : nil
    }

    /// Every connection kept, in the order of their first frames, by their numbers. O(n) where most
    /// connections that there were are kept.
    public func inOrder() -> [FlowIndex] {
        var words: [UInt64] = []
        words.reserveCapacity(count)
        flows.forEachIndex { index in
            words.append(UInt64(flows[index].connection.serial) << 32 | UInt64(index.rawValue))
        }
        synCache.forEachIndex { index in
            let raw = FlowIndex(cachedSYN: index).rawValue
            words.append(UInt64(synCache[index].serial) << 32 | UInt64(raw))
        }
        let last = Int((words.max() ?? 0) >> 32)
        guard last < 2 * words.count else {
            words.sort()
            return words.map { FlowIndex(rawValue: UInt32(truncatingIfNeeded: $0)) }
        }
        var places = [FlowIndex?](repeating: nil, count: last + 1)
        for word in words {
            places[Int(word >> 32)] = FlowIndex(rawValue: UInt32(truncatingIfNeeded: word))
        }
        return places.compactMap { $0 }
    }

    /// Adds a new incarnation in the place of `old`, which is kept.
    @inlinable
    public mutating func reuseKey(_ old: FlowIndex, with flow: Flow, hash: UInt64) -> FlowIndex {
        var flow = flow
        flow.previousIndex = old
        flow.previousSerial = flows[old].connection.serial
        let index = add(flow)
        flows[old].isCurrent = false
        flows[old].isSteady = [false, false]
        let position = slotPosition(of: old, hash: hash)
        slots[Int(position)] = FlowTable.slot(hash, index)
        return index
    }

    /// The earlier connection on a flow's key, if it is still kept.
    @inlinable @_addressableSelf
    public func previous(of index: FlowIndex) -> FlowIndex? {
        guard let previous = flows[index].previousIndex, flows[previous].isLive,
            flows[previous].connection.serial == flows[index].previousSerial
        else { return nil }
        return previous
    }

    /// Whether the entry is in use.
    @inlinable
    public func isLive(_ index: FlowIndex) -> Bool { flows[index].isLive }

    /// A flow to evict: one for which `isPreferred` holds among the next few in store order, else the
    /// first of them. Each call goes on where the last one stopped, so no call scans the store.
    public mutating func nextVictim(preferring isPreferred: (Flow) -> Bool) -> FlowIndex? {
        var fallback: FlowIndex?
        for _ in 0..<flows.used {
            clockHand = clockHand + 1 < flows.used ? clockHand + 1 : 0
            let index = FlowIndex(rawValue: clockHand)
            guard flows[index].isLive else { continue }
            if isPreferred(flows[index]) { return index }
            if let fallback {
                let distance = clockHand &- fallback.rawValue
                if distance >= 64 { return fallback }
            } else {
                fallback = index
            }
        }
        return fallback
    }

    /// Forgets a flow.
    @inlinable
    public mutating func remove(_ index: FlowIndex) {
        if flows[index].isCurrent {
            let hash = hash(flows[index].key)
            vacate(slotPosition(of: index, hash: hash))
            occupied -= 1
        }
        flows[index].isSteady = [false, false]
        flows.remove(index)
    }

    /// The next flow in store order, from a place on; nil if none is left.
    @inlinable
    public func nextLive(from place: UInt32) -> FlowIndex? {
        var raw = place
        while raw < flows.used {
            if flows[FlowIndex(rawValue: raw)].isLive { return FlowIndex(rawValue: raw) }
            raw += 1
        }
        return nil
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

    @inlinable
    mutating func place(_ slot: UInt64) {
        var position = slot >> 32 & mask
        while slots[Int(position)] != 0 { position = (position + 1) & mask }
        slots[Int(position)] = slot
    }

    @usableFromInline @_addressableSelf
    func slotPosition(of index: FlowIndex, hash: UInt64) -> UInt64 {
        var position = hash >> 32 & mask
        while UInt32(truncatingIfNeeded: slots[Int(position)]) != index.rawValue + 1 {
            position = (position + 1) & mask
        }
        return position
    }

    /// Empties a slot and moves later ones of the same run up, so that none gets lost behind a hole.
    @usableFromInline
    mutating func vacate(_ start: UInt64) {
        var hole = start
        var position = (start + 1) & mask
        while true {
            let slot = slots[Int(position)]
            if slot == 0 { break }
            let home = slot >> 32 & mask
            if (position &- home) & mask >= (position &- hole) & mask {
                slots[Int(hole)] = slot
                hole = position
            }
            position = (position + 1) & mask
        }
        slots[Int(hole)] = 0
    }

    @usableFromInline
    mutating func grow() {
        var larger = ZeroedWords(count: slots.count * 2)
        swap(&slots, &larger)
        mask = mask << 1 | 1
        for position in 0..<larger.count where larger[position] != 0 { place(larger[position]) }
    }
}
