public import Memory

/// A connection's notes in memory that its records share: the tracker changes it only while it has it alone.
public final class KeptNotes: @unchecked Sendable {
    /// What was noted.
    @usableFromInline final var notes: Notes

    @inlinable
    init(_ notes: Notes) { self.notes = notes }
}

/// The notes of all connections of a tracker. A connection takes a slot with its first note and gives it
/// back when it leaves the table; then another one uses the memory again, unless a record has it still.
@usableFromInline
struct NotesPool: ~Copyable {
    @usableFromInline var items: [KeptNotes] = []
    @usableFromInline var free: [UInt32] = []

    @usableFromInline
    init() {}

    /// The notes in a slot; slots count from 1.
    @inlinable
    subscript(slot: UInt32) -> Notes {
        get { items[Int(slot) - 1].notes }
        _modify {
            let place = Int(slot) - 1
            if !isKnownUniquelyReferenced(&items[place]) {
                items[place] = KeptNotes(items[place].notes)
            }
            yield &items[place].notes
        }
    }

    /// Takes an empty slot. Amortised O(1).
    @usableFromInline
    mutating func take() -> UInt32 {
        if let slot = free.popLast() {
            self[slot] = Notes()
            return slot
        }
        items.append(KeptNotes(Notes()))
        return UInt32(items.count)
    }

    /// Gives a slot back.
    @usableFromInline
    mutating func give(_ slot: UInt32) { free.append(slot) }
}

extension Context {
    /// The same for a look.
    @inlinable
    func noted(of connection: borrowing @_addressable Connection) -> Notes? {
        connection.notesSlot == 0 ? nil : notes[connection.notesSlot]
    }

    /// Forgets what was noted of a connection that leaves.
    @inlinable
    public mutating func forgetNotes(of connection: Connection) {
        if connection.notesSlot != 0 { notes.give(connection.notesSlot) }
    }
}

extension Connection {
    /// What was noted of it, as it stands now; nil if nothing was.
    @inlinable @inline(__always) @_addressableSelf
    public func notes<Observer>(_ context: borrowing Context<Observer>) -> KeptNotes? {
        notesSlot == 0 ? nil : context.notes.items[Int(notesSlot) - 1]
    }

    /// Asks for the memory of its notes.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchNotes<Observer>(_ context: borrowing Context<Observer>) {
        guard notesSlot != 0 else { return }
        let address = unsafe Unmanaged.passUnretained(context.notes.items[Int(notesSlot) - 1])
            .toOpaque()
        for offset in stride(from: 0, to: MemoryLayout<Notes>.size, by: 64) {
            unsafe prefetchLine(UnsafeRawPointer(address + offset))
        }
    }
}
