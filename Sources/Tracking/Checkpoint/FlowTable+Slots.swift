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

    /// Whether the wheel's slots and the flows in them name each other.
    func areTimerEntriesWhole() -> Bool {
        var found = 0
        for (slot, head) in wheel.slots.enumerated() {
            var (previous, next) = (UInt32.max, head?.rawValue ?? .max)
            while next != .max {
                guard next < flows.used else { return false }
                let timerEntry = flows[FlowIndex(rawValue: next)].timerEntry
                // A flow has one place: no walk comes to it twice.
                guard Int(timerEntry.slot) == slot + 1, timerEntry.previous == previous else {
                    return false
                }
                found += 1
                (previous, next) = (next, timerEntry.next)
            }
        }
        for position in 0..<flows.used
        where flows[FlowIndex(rawValue: position)].timerEntry.slot != 0 {
            found -= 1
        }
        return found == 0
    }
}

extension TimerWheel {
    /// All but the flows' own places in it.
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&now)
        for index in slots.indices {
            var head = slots[index].map { UInt64($0.rawValue) + 1 } ?? 0
            coder(&head)
            guard coder.isReading else { continue }
            if head > 1 << 30 { return coder.fail() }
            slots[index] =
                head == 0 ? nil : FlowIndex(rawValue: UInt32(truncatingIfNeeded: head - 1))
        }
        guard coder.isReading, let now else { return }
        guard abs(now) <= TimerWheel.ticks(Timestamp(nanoseconds: .max)) - 1 else {
            return coder.fail()
        }
        nextTick = Timestamp(nanoseconds: 0) + TimeSpan(nanoseconds: TimerWheel.tick) * Int(now + 1)
    }
}

extension TimerWheel.Entry {
    mutating func code(_ coder: inout BinaryCoder) {
        coder(&slot)
        if slot == 0 { return }
        coder(&previous)
        coder(&next)
    }
}
