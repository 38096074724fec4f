internal import TCPState

// Which connection leaves a full table. The hands of the clocks go round the stores, which may have long runs of free
// places: one that a stranger has made costs no call more than a few looks.
extension FlowTable {
    @usableFromInline
    mutating func clearQueue() {
        let old = cachedSYNsByAge
        cachedSYNsByAge = EvictionQueue()
        old?.forEach { index, serial in
            guard synCache.isLive(index), synCache.serial(index) == serial else { return }
            cachedSYNsByAge?.append(index, serial)
        }
    }

    /// The cached SYN to evict: the oldest. O(1), amortised; O(n log n) the first time.
    public mutating func nextCachedSYN() -> FlowIndex? {
        guard synCache.count > 0 else { return nil }
        if cachedSYNsByAge == nil {
            var all = EvictionQueue()
            for index in inOrder() where index.isCachedSYN {
                all.append(index, synCache.serial(index))
            }
            cachedSYNsByAge = all
        }
        while let (index, serial) = cachedSYNsByAge?.first {
            if synCache.isLive(index), synCache.serial(index) == serial { return index }
            cachedSYNsByAge?.removeFirst()
        }
        return nil
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

    /// A flow to evict: one for which `isPreferred` holds among the next few in store order, else the
    /// first of them. Each call goes on where the last one stopped, so no call scans the store.
    ///
    /// - Parameter limit: places that are looked at, some of which may be free; nil is returned if all are.
    public mutating func nextVictim(
        within limit: UInt32 = .max, preferring isPreferred: (Flow) -> Bool
    ) -> FlowIndex? {
        var fallback: FlowIndex?
        for _ in 0..<min(limit, flows.used) {
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

    /// The compact flow to evict: the next one in store order, which goes round, if its number is smaller.
    ///
    /// - Parameter limit: places that are looked at.
    public mutating func nextCompactVictim(
        within limit: UInt32, olderThan serial: UInt32
    ) -> FlowIndex? {
        for _ in 0..<min(limit, compactFlows.used) {
            compactClockHand = compactClockHand + 1 < compactFlows.used ? compactClockHand + 1 : 0
            let index = FlowIndex(compact: FlowIndex(rawValue: compactClockHand))
            guard compactFlows[index].isLive else { continue }
            return compactFlows[index].connection.serial < serial ? index : nil
        }
        return nil
    }
}
