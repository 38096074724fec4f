internal import Coding
internal import Memory
internal import TCPState
internal import Wire

extension FlowTable {
    /// So many places may be named in a list of a table that keeps `limit` connections: some of them more than once.
    static func listLimit(_ limit: Int) -> Int { limit < Int.max / 8 ? 4 * limit + 4096 : .max }

    /// Writes all connections and the order in which they time out and are evicted, or reads it in the place of nothing.
    mutating func code<Observer: TransitionObserver>(
        _ records: inout some RecordCoder, _ context: inout MachineContext<Observer>, limit: Int
    ) {
        // A connection may take two places while it changes its form.
        let most = UInt32(clamping: limit < Int.max - 16 ? min(limit + 16, 1 << 30) : 1 << 30)
        var counts = SlotCounts(
            flows: flows.used, synCache: synCache.used, compact: compactFlows.used)
        records.record { coder in
            counts.code(&coder)
            codeClockHands(&coder)
        }
        guard counts.isAtMost(most) else { return records.fail() }
        codeFlows(&records, &context, counts.flows)
        if records.isReading, records.isValid, !makeTimerSlots() { records.fail() }
        codeSYNCache(&records, counts.synCache)
        codeCompactFlows(&records, &context, counts.compact)
        codeLists(&records, limit)
        guard records.isReading, records.isValid else { return }
        if !makeSlots() { records.fail() }
    }

    /// How many places of each store are in use, or were.
    private struct SlotCounts {
        var flows: UInt32
        var synCache: UInt32
        var compact: UInt32

        mutating func code(_ coder: inout BinaryCoder) {
            coder(&flows)
            coder(&synCache)
            coder(&compact)
        }

        func isAtMost(_ most: UInt32) -> Bool { max(flows, synCache, compact) <= most }
    }

    /// Where the hands of the clocks stand, and what the timer wheel begins with.
    private mutating func codeClockHands(_ coder: inout BinaryCoder) {
        coder(&clockHand)
        coder(&compactClockHand)
        coder(&steadyHead)
        wheel.code(&coder)
        guard coder.isReading else { return }
        if !steady.indices.contains(steadyHead) { coder.fail() }
    }

    private mutating func codeFlows<Observer: TransitionObserver>(
        _ records: inout some RecordCoder, _ context: inout MachineContext<Observer>,
        _ count: UInt32
    ) {
        var free = FreeSlots(flows.free, of: flows.used)
        for position in 0..<count where records.isValid {
            let index = FlowIndex(rawValue: position)
            records.record { coder in
                var flow = coder.isReading ? Flow.blank : flows[index]
                coder(&flow.isLive)
                coder(&flow.timerSlot)
                if flow.timerSlot != 0 { coder(&flow.timerPlace) }
                if flow.isLive {
                    flow.code(&coder, &context)
                    codeOwner(index, flow.key, isShared: flow.isShared, &coder)
                } else {
                    free.code(position, &coder)
                }
                guard coder.isReading else { return }
                flow.hash = hashing(flow.key)
                if let previous = flow.previousIndex?.rawValue, previous >= count { coder.fail() }
                _ = flows.entries.append(flow)
            }
        }
        guard records.isReading else { return }
        flows.free = free.inOrder(&records)
        if clockHand > count { records.fail() }
    }

    private mutating func codeSYNCache(_ records: inout some RecordCoder, _ count: UInt32) {
        var free = FreeSlots(synCache.entries.free, of: synCache.used)
        for position in 0..<count where records.isValid {
            let index = FlowIndex(cachedSYN: FlowIndex(rawValue: position))
            records.record { coder in
                var isLive = coder.isReading || synCache.isLive(index)
                coder(&isLive)
                if isLive {
                    let kept = coder.isReading ? nil : synCache[index]
                    guard let entry = SYNCacheEntry.coded(kept, &coder) else { return coder.fail() }
                    codeOwner(index, entry.key, isShared: entry.isShared, &coder)
                    if coder.isReading { _ = synCache.add(entry) }
                } else {
                    free.code(position, &coder)
                    if coder.isReading { _ = synCache.entries.entries.appendZeros() }
                }
            }
        }
        if records.isReading { synCache.entries.free = free.inOrder(&records) }
    }

    /// Compact flows are written as flows, and made compact again. One that cannot be stays a flow.
    private mutating func codeCompactFlows<Observer: TransitionObserver>(
        _ records: inout some RecordCoder, _ context: inout MachineContext<Observer>,
        _ count: UInt32
    ) {
        var free = compactFlows.free.map(\.position)
        records.list(&free, limit: Int(count))
        let dead = Set(free)
        guard records.isReading else {
            for position in 0..<count where !dead.contains(position) {
                let index = FlowIndex(compact: FlowIndex(rawValue: position))
                var flow = flow(ofCompact: index)
                compactFlows[index].connection.inferTransition(
                    &flow.connection, details(index), &context)
                records.record { flow.code(&$0, &context) }
                flow.connection.freezePending(&context)
            }
            return
        }
        guard dead.count == free.count, dead.allSatisfy({ $0 < count }), compactClockHand <= count
        else {
            return records.fail()
        }
        var refused: [UInt32] = []
        for position in 0..<count where records.isValid {
            guard !dead.contains(position) else {
                _ = compactFlows.entries.append(CompactFlow())
                continue
            }
            var isRead = false
            records.record { isRead = readCompactFlow(&$0, &context) }
            if !isRead { refused.append(position) }
        }
        compactFlows.free = (refused.reversed() + free).map { FlowIndex(rawValue: $0) }
    }

    /// Adds a compact flow; returns false where it is none, and stays a flow, or nothing.
    private mutating func readCompactFlow<Observer: TransitionObserver>(
        _ coder: inout BinaryCoder, _ context: inout MachineContext<Observer>
    ) -> Bool {
        var flow = Flow.blank
        flow.code(&coder, &context)
        if coder.isValid {
            flow.hash = hashing(flow.key)
            flow.noteChange(flow.connection.nextDeadline(&context))
        }
        compactFlows.free = []
        let place = compactFlows.addPlace()
        var details = CompactDetails()
        let isCompact = flow.write(to: &compactFlows[place], &details, context)
        guard !settle(isCompact, place, flow.key, details) else {
            flow.connection.freezePending(&context)
            return coder.isValid
        }
        guard coder.isValid else { return false }
        if flow.previousIndex != nil || !flow.isCurrent {
            coder.fail()
        } else {
            schedule(flows.add(flow))
        }
        return false
    }

    /// The flows that became steady lately, and the cached SYNs by age.
    private mutating func codeLists(_ records: inout some RecordCoder, _ limit: Int) {
        let size = steady.count
        records.list(&steady, limit: size)
        var ages: [UInt64]? = cachedSYNsByAge.map(\.all)
        records.record { coder in
            var isThere = ages != nil
            coder(&isThere)
            ages = isThere ? ages ?? [] : nil
        }
        if ages != nil { records.list(&ages!, limit: FlowTable.listLimit(limit)) }
        guard records.isReading else { return }
        cachedSYNsByAge = ages.map { EvictionQueue($0) }
        let isKnown = steady.allSatisfy { $0 == .max || $0 < flows.used }
        var areKnown = true
        cachedSYNsByAge?.forEach { index, _ in
            if !index.isCachedSYN || index.position >= synCache.used { areKnown = false }
        }
        if !isKnown || !areKnown || steady.count != size { records.fail() }
    }
}

/// The places of a store that are free, and which of them are used again first.
struct FreeSlots {
    /// By place, when it is written.
    private var ranks: [UInt32]
    private var read: [(rank: UInt32, position: UInt32)] = []

    init(_ free: [FlowIndex], of count: UInt32) {
        ranks = free.isEmpty ? [] : Array(repeating: 0, count: Int(count))
        for (rank, index) in free.enumerated() { ranks[Int(index.position)] = UInt32(rank) }
    }

    mutating func code(_ position: UInt32, _ coder: inout BinaryCoder) {
        var rank = coder.isReading ? 0 : ranks[Int(position)]
        coder(&rank)
        if coder.isReading { read.append((rank, position)) }
    }

    /// Those that were read.
    mutating func inOrder(_ records: inout some RecordCoder) -> [FlowIndex] {
        read.sort { $0.rank < $1.rank }
        for (index, free) in read.enumerated() where free.rank != index { records.fail() }
        return read.map { FlowIndex(rawValue: $0.position) }
    }
}
