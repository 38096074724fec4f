public import Memory

/// A connection's notes in memory that its records share: the tracker changes it only while it has it alone.
@safe
public final class KeptRareFacts: @unchecked Sendable {
    /// Nobody else has it while it is changed: no access has to be watched.
    @exclusivity(unchecked) @usableFromInline final var stored: RareFacts

    /// What was noted.
    @inlinable
    final var rareFacts: RareFacts {
        @inline(__always) _read { yield unsafe stored }
        @inline(__always) _modify { yield unsafe &stored }
    }

    @inlinable
    init(_ rareFacts: RareFacts) { unsafe stored = rareFacts }
}

/// The notes of all connections of a tracker. A connection takes a slot with its first note and gives it
/// back when it leaves the table; then another one uses the memory again, unless a record has it still.
@usableFromInline
struct RareFactsPool: ~Copyable {
    @usableFromInline var entries: [KeptRareFacts] = []
    @usableFromInline var free: [UInt32] = []

    @usableFromInline
    init() {}

    /// The notes in a slot; slots count from 1.
    @inlinable
    subscript(slot: UInt32) -> RareFacts {
        _read { yield entries[Int(slot) - 1].rareFacts }
        _modify {
            let index = Int(slot) - 1
            if !isKnownUniquelyReferenced(&entries[index]) {
                entries[index] = KeptRareFacts(entries[index].rareFacts)
            }
            yield &entries[index].rareFacts
        }
    }

    /// Takes an empty slot. Amortised O(1).
    @usableFromInline
    mutating func allocate() -> UInt32 {
        if let slot = free.popLast() {
            self[slot] = RareFacts()
            return slot
        }
        entries.append(KeptRareFacts(RareFacts()))
        return UInt32(entries.count)
    }

    /// Gives a slot back.
    @usableFromInline
    mutating func give(_ slot: UInt32) { free.append(slot) }
}

extension MachineContext {
    /// Where the facts of a connection are kept; nil if there are none. Reading one of them copies no other.
    @inlinable @inline(__always)
    func keptRareFacts(of connection: borrowing @_addressable Connection) -> KeptRareFacts? {
        connection.rareFactsSlot == 0 ? nil : rareFacts.entries[Int(connection.rareFactsSlot) - 1]
    }

    /// Forgets what was noted of a connection that leaves.
    @inlinable
    public mutating func forgetRareFacts(of connection: Connection) {
        if connection.rareFactsSlot != 0 { rareFacts.give(connection.rareFactsSlot) }
    }
}

extension Connection {
    /// What was noted of it, as it stands now; nil if nothing was.
    @inlinable @inline(__always) @_addressableSelf
    public func rareFacts<Observer>(_ context: borrowing MachineContext<Observer>) -> KeptRareFacts?
    {
        rareFactsSlot == 0 ? nil : context.rareFacts.entries[Int(rareFactsSlot) - 1]
    }

    /// Asks for the memory of its notes.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchRareFacts<Observer>(_ context: borrowing MachineContext<Observer>) {
        guard rareFactsSlot != 0 else { return }
        let address = unsafe Unmanaged.passUnretained(
            context.rareFacts.entries[Int(rareFactsSlot) - 1]
        )
        .toOpaque()
        for offset in stride(from: 0, to: MemoryLayout<RareFacts>.size, by: 64) {
            unsafe prefetchLine(UnsafeRawPointer(address + offset))
        }
    }
}
