internal import Coding
internal import Memory
internal import TCPState
internal import Wire

// By which slots connections are found.
extension FlowTable {
    /// Codes, of a connection that has siblings, whether it has the key's own slot.
    mutating func codeOwner(
        _ index: FlowIndex, _ key: FlowKey, isShared: Bool, _ coder: inout BinaryCoder
    ) {
        guard isShared else { return }
        var isOwner =
            !coder.isReading && position(of: FlowTable.slot(hash(key), index)) != nil
        coder(&isOwner)
        if coder.isReading, isOwner { owners.insert(index) }
    }

    /// Makes the slots of all connections that were read; returns whether each can be found.
    mutating func makeSlots() -> Bool {
        defer { owners = [] }
        var groups: [FlowKey: [FlowIndex]] = [:]
        var all: [FlowIndex] = []
        forEachIndex { all.append($0) }
        for index in all where index.isCachedSYN || index.isCompact || flows[index].isCurrent {
            let key = key(of: index)
            if isShared(index), !owners.contains(index) {
                groups[key, default: []].append(index)
                continue
            }
            let hash = hash(key)
            guard findAny(key, hash: hash) == nil else { return false }
            insert(slot: FlowTable.slot(hash, index))
        }
        for (key, members) in groups {
            guard let first = findAny(key, hash: hash(key)), isShared(first) else { return false }
            addSiblings(members.sorted { serial(of: $0) < serial(of: $1) }, key)
        }
        return owners.allSatisfy { groups[key(of: $0)] != nil }
    }

    /// Makes the slots of the timer wheel from the places that the flows name. Returns whether each has one.
    mutating func makeTimerSlots() -> Bool {
        let none = FlowIndex(rawValue: .max)
        for position in 0..<flows.used {
            let slot = Int(flows[FlowIndex(rawValue: position)].timerSlot)
            guard slot <= wheel.slots.count else { return false }
            if slot > 0 { wheel.slots[slot - 1].append(none) }
        }
        for position in 0..<flows.used {
            let index = FlowIndex(rawValue: position)
            guard flows[index].timerSlot > 0 else { continue }
            let slot = Int(flows[index].timerSlot) - 1
            let place = Int(flows[index].timerPlace)
            guard place < wheel.slots[slot].count, wheel.slots[slot][place] == none else {
                return false
            }
            wheel.slots[slot][place] = index
        }
        return true
    }
}

extension TimerWheel {
    /// All but its slots.
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&now)
        guard coder.isReading, let now else { return }
        guard abs(now) <= TimerWheel.ticks(Timestamp(nanoseconds: .max)) - 1 else {
            return coder.fail()
        }
        nextTick = Timestamp(nanoseconds: 0) + TimeSpan(nanoseconds: TimerWheel.tick) * Int(now + 1)
    }
}
