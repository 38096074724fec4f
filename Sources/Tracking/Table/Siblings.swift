internal import Memory
public import TCPState
internal import Wire

/// The connections on one key at once, on different VLANs, tunnels or interfaces, but for the first: it has the key's
/// own slot. In the order in which they began.
@usableFromInline
struct Siblings: Sendable {
    /// One of them, or what was one: its place may be another connection's by now.
    @usableFromInline
    struct Member: Sendable {
        let serial: UInt32
        var index: FlowIndex
    }

    /// Those that are in use, and some that were.
    var members: [Member] = []
    /// How many are in use.
    var live = 0
    /// Members before this place are none any more.
    var start = 0
    /// By side: members before this place have sent from there, or are none any more.
    var unseenStart = InlineArray<2, Int>(repeating: 0)

    /// Adds one; returns whether most are none any more.
    ///
    /// - Parameter unseenStart: what it is from then on.
    mutating func append(_ member: Member, _ unseenStart: InlineArray<2, Int>) -> Bool {
        members.append(member)
        live += 1
        self.unseenStart = unseenStart
        return members.count > 2 * live + 16
    }
}

// A key may have any number of siblings, all of a stranger's making: each operation is O(1) but for its share in
// clearing out, which is amortised.
extension FlowTable {
    /// The hash of a slot that names a sibling: that of the key and the scope.
    private func siblingSlot(_ index: FlowIndex, hash: UInt64, _ scope: UInt32) -> UInt64 {
        FlowTable.slot(hashing.scoped(hash, scope), index)
    }

    /// The sibling, or the first connection of a key, that a segment belongs to: see ``find(from:_:hash:scope:sender:)``.
    @usableFromInline
    func findAmongSiblings(
        of first: FlowIndex, _ key: FlowKey, hash: UInt64, scope: UInt32, sender: Side
    ) -> FlowIndex? {
        let scoped = hashing.scoped(hash, scope)
        let isFirstOpen = self.scope(of: first, sender) == nil
        var partner = isFirstOpen && self.scope(of: first, sender.peer) == scope ? first : nil
        var position = home(scoped)
        while let index = nextMatch(scoped, from: &position) {
            guard self.key(of: index) == key else { continue }
            if let known = self.scope(of: index, sender) {
                if known == scope { return index }
            } else if partner == nil, self.scope(of: index, sender.peer) == scope {
                partner = index
            }
        }
        return partner ?? (isFirstOpen ? first : firstUnseen(key, sender))
    }

    /// The oldest sibling that has not sent from a side yet.
    private func firstUnseen(_ key: FlowKey, _ side: Side) -> FlowIndex? {
        guard let group = siblings[key] else { return nil }
        let position = unseenStart(in: group, side)
        return position < group.members.count ? group.members[position].index : nil
    }

    /// The place of that sibling. Whatever is not found so is added, or has sent from there afterwards: both go on to
    /// the next one, so that none is looked at again and again.
    private func unseenStart(in group: Siblings, _ side: Side) -> Int {
        var position = group.unseenStart[side.rawValue]
        while position < group.members.count {
            let member = group.members[position]
            if isMember(member), scope(of: member.index, side) == nil { break }
            position += 1
        }
        return position
    }

    private mutating func passSeen(_ key: FlowKey, _ side: Side) {
        guard let group = siblings[key] else { return }
        let position = unseenStart(in: group, side)
        siblings[key]?.unseenStart[side.rawValue] = position
    }

    private func isMember(_ member: Siblings.Member) -> Bool {
        guard !member.index.isCachedSYN else {
            return synCache.isLive(member.index) && synCache.serial(member.index) == member.serial
        }
        return flows[member.index].isLive && flows[member.index].isCurrent
            && flows[member.index].connection.serial == member.serial
    }

    /// Adds connections that are read from elsewhere, in the order of their numbers, to the one that has the key's slot.
    mutating func addSiblings(_ indices: [FlowIndex], _ key: FlowKey) {
        let hash = hash(key)
        var group = Siblings()
        for index in indices {
            let member = Siblings.Member(serial: serial(of: index), index: index)
            _ = group.append(member, group.unseenStart)
            insertSlots(of: index, hash: hash)
        }
        siblings[key] = group
    }

    /// Adds a connection to those on the key of another one.
    @usableFromInline
    mutating func merge(_ index: FlowIndex, _ first: FlowIndex, _ key: FlowKey, hash: UInt64) {
        setShared(first, true)
        addSibling(index, key)
        insertSlots(of: index, hash: hash)
    }

    private mutating func addSibling(_ index: FlowIndex, _ key: FlowKey) {
        setShared(index, true)
        let member = Siblings.Member(serial: serial(of: index), index: index)
        let unseenStart = unseenStart(key, thenAdding: index)
        let isMostlyGone = siblings[key, default: Siblings()].append(member, unseenStart)
        if isMostlyGone { clearSiblings(key) }
    }

    /// Forgets those that are none any more.
    private mutating func clearSiblings(_ key: FlowKey) {
        guard let group = siblings[key] else { return }
        var cleared = Siblings()
        cleared.members = group.members[group.start...].filter { isMember($0) }
        cleared.live = group.live
        siblings[key] = cleared
        for side in Side.allCases { passSeen(key, side) }
    }

    /// By side: the place of the oldest sibling that has not sent from there, with one more that is about to be added.
    private func unseenStart(
        _ key: FlowKey, thenAdding index: FlowIndex
    ) -> InlineArray<2, Int> {
        let group = siblings[key]
        return InlineArray { raw in
            let side = Side.allCases[raw]
            let start = group.map { unseenStart(in: $0, side) } ?? 0
            let isLast = start == group?.members.count ?? 0
            return isLast && scope(of: index, side) != nil ? start + 1 : start
        }
    }

    /// Takes a connection that has siblings out of its slots; another one gets the key's own slot, if that was its.
    @usableFromInline
    mutating func leaveSiblings(_ index: FlowIndex, _ key: FlowKey, hash: UInt64) {
        if vacate(slot: FlowTable.slot(hash, index)) {
            promoteSibling(key, hash: hash)
        } else {
            vacateSlots(of: index, hash: hash)
            siblings[key]?.live -= 1
        }
        guard let group = siblings[key], group.live == 0 else { return }
        siblings[key] = nil
        if let last = findAny(key, hash: hash) { setShared(last, false) }
    }

    private mutating func promoteSibling(_ key: FlowKey, hash: UInt64) {
        while let group = siblings[key], group.start < group.members.count {
            siblings[key]?.start += 1
            let member = group.members[group.start]
            guard isMember(member) else { continue }
            vacateSlots(of: member.index, hash: hash)
            siblings[key]?.live -= 1
            insert(slot: FlowTable.slot(hash, member.index))
            return
        }
    }

    /// Puts a flow into the slots of a connection with siblings, which it takes the place of.
    ///
    /// - Parameter isSame: whether it is the same connection, not the next one.
    @usableFromInline
    mutating func replaceSibling(
        _ old: FlowIndex, with index: FlowIndex, _ key: FlowKey, hash: UInt64, isSame: Bool
    ) {
        setShared(index, true)
        if let position = position(of: FlowTable.slot(hash, old)) {
            slots[Int(position)] = FlowTable.slot(hash, index)
            return
        }
        for side in Side.allCases {
            guard let scope = ownScope(of: old, side) else { continue }
            let slot = siblingSlot(old, hash: hash, scope)
            guard let position = position(of: slot) else { continue }
            slots[Int(position)] = siblingSlot(index, hash: hash, scope)
        }
        guard isSame else {
            siblings[key]?.live -= 1
            return addSibling(index, key)
        }
        // Members are in the order of their numbers.
        let serial = serial(of: old)
        var range = 0..<(siblings[key]?.members.count ?? 0)
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let isBefore = (siblings[key]?.members[middle].serial ?? 0) < serial
            range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        siblings[key]?.members[range.lowerBound].index = index
    }

    /// Notes the scope of what an end sends, which was not known.
    public mutating func learn(_ scope: UInt32, of index: FlowIndex, from sender: Side) {
        flows[index].scopes[sender.rawValue] = scope
        guard flows[index].isShared else { return }
        passSeen(flows[index].key, sender)
        guard flows[index].scopes[sender.peer.rawValue] != scope else { return }
        let hash = flows[index].hash
        guard position(of: FlowTable.slot(hash, index)) == nil else { return }
        insert(slot: siblingSlot(index, hash: hash, scope))
    }

    private mutating func setShared(_ index: FlowIndex, _ isShared: Bool) {
        if index.isCachedSYN {
            synCache.setShared(index, isShared)
        } else {
            flows[index].isShared = isShared
        }
    }

    private mutating func insertSlots(of index: FlowIndex, hash: UInt64) {
        for side in Side.allCases {
            guard let scope = ownScope(of: index, side) else { continue }
            insert(slot: siblingSlot(index, hash: hash, scope))
        }
    }

    private mutating func vacateSlots(of index: FlowIndex, hash: UInt64) {
        for side in Side.allCases {
            guard let scope = ownScope(of: index, side) else { continue }
            vacate(slot: siblingSlot(index, hash: hash, scope))
        }
    }

    /// The scope of what an end sends; nil where it is not known, and of the second end if it is the first one's: a
    /// connection has one slot for each scope.
    private func ownScope(of index: FlowIndex, _ side: Side) -> UInt32? {
        let scope = scope(of: index, side)
        return side == .high && scope == self.scope(of: index, .low) ? nil : scope
    }
}
