/// The inferred transitions of all connections. Few connections have any at a time, so they do not
/// carry the room for them: a connection takes a slot with its first one and gives it back with its last.
@usableFromInline
struct PendingPool: Sendable {
    @usableFromInline var slots: [InlineArray<2, PendingQueue>] = []
    @usableFromInline var free: [UInt32] = []

    @usableFromInline
    init() {}

    /// One inferred transition of an end, oldest first.
    @inlinable
    subscript(slot: UInt32, end: Int, index: Int) -> Pending {
        get { slots[Int(slot)][end].items[index] }
        _modify { yield &slots[Int(slot)][end].items[index] }
    }

    /// All inferred transitions of an end.
    @inlinable
    func queue(_ slot: UInt32, _ end: Int) -> PendingQueue { slots[Int(slot)][end] }

    /// Takes a slot. Amortised O(1).
    @inlinable
    mutating func take() -> UInt32 {
        if let slot = free.popLast() {
            slots[Int(slot)] = InlineArray(repeating: PendingQueue())
            return slot
        }
        slots.append(InlineArray(repeating: PendingQueue()))
        return UInt32(slots.count - 1)
    }

    /// Gives a slot back.
    @inlinable
    mutating func give(_ slot: UInt32) { free.append(slot) }
}
