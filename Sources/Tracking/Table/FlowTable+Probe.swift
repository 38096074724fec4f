public import Memory

// Linear probing, written once: a hash is looked for from its home slot on, slot by slot and round the end, up to the
// first empty slot. All of it is inlined where a packet is looked up; there is no call and no closure.
extension FlowTable {
    /// The slot at which the probe sequence of a hash begins. The upper 32 bits of a slot are those of its hash, so this
    /// is a slot's home, too.
    @inlinable @inline(__always) @_addressableSelf
    func home(_ hash: UInt64) -> UInt64 { hash >> 32 & mask }

    /// The slot that follows in every probe sequence.
    @inlinable @inline(__always) @_addressableSelf
    func following(_ position: UInt64) -> UInt64 { (position &+ 1) & mask }

    /// The next connection in the probe sequence whose slot has the 32 bits of a hash; nil at the first empty slot.
    ///
    /// - Parameter position: where to go on, first ``home(_:)``; the slot behind the connection's afterwards.
    @inlinable @inline(__always) @_addressableSelf
    func nextMatch(_ hash: UInt64, from position: inout UInt64) -> FlowIndex? {
        while true {
            let slot = slots[Int(truncatingIfNeeded: position)]
            if slot == 0 { return nil }
            position = following(position)
            if slot >> 32 == hash >> 32 {
                return FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot) &- 1)
            }
        }
    }

    /// Where a slot is; nil if it is nowhere.
    @inlinable @_addressableSelf
    func position(of slot: UInt64) -> UInt64? {
        var position = home(slot)
        while slots[Int(position)] != slot {
            if slots[Int(position)] == 0 { return nil }
            position = following(position)
        }
        return position
    }

    /// How many slots a slot is behind its home.
    @inlinable @inline(__always) @_addressableSelf
    func distance(of slot: UInt64, at position: UInt64) -> UInt64 {
        (position &- home(slot)) & mask
    }

    /// Puts a slot into the run that begins at its home, before those that are nearer to theirs (Robin Hood hashing; Celis,
    /// Larson and Munro 1985): connections that began lately are found as soon as those from before.
    @inlinable
    mutating func put(_ slot: UInt64) {
        var slot = slot
        var position = home(slot)
        while slots[Int(position)] != 0 {
            let other = slots[Int(position)]
            if distance(of: other, at: position) < distance(of: slot, at: position) {
                slots[Int(position)] = slot
                slot = other
            }
            position = following(position)
        }
        slots[Int(position)] = slot
    }

    /// Empties a slot and moves later ones of the same run up, so that none gets lost behind a hole.
    @usableFromInline
    mutating func vacate(_ start: UInt64) {
        var hole = start
        var position = following(start)
        while slots[Int(position)] != 0 {
            let slot = slots[Int(position)]
            if distance(of: slot, at: position) >= (position &- hole) & mask {
                slots[Int(hole)] = slot
                hole = position
            }
            position = following(position)
        }
        slots[Int(hole)] = 0
    }
}
