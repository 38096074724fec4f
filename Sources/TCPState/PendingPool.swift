/// The inferred transitions of all connections. Few connections have any at a time, so they do not
/// carry the room for them: a connection takes a slot with its first one and gives it back with its last.
///
/// A slot has room for the transitions of both ends, oldest first; how many there are, their owner knows.
@usableFromInline
struct PendingPool: Sendable {
    /// Room for one end. Four are enough for every order in which a handshake, a FIN, its
    /// acknowledgment and a RST can be on their way together; if more come, the oldest is kept as it
    /// stands.
    @usableFromInline static var capacity: Int { 4 }

    @usableFromInline var items: [Pending] = []
    @usableFromInline var free: [UInt32] = []

    @usableFromInline
    init() {}

    @inlinable @inline(__always)
    static func position(_ slot: UInt32, _ end: Int, _ index: Int) -> Int {
        (Int(slot) &* 2 &+ end) &* capacity &+ index
    }

    /// One inferred transition of an end, oldest first.
    @inlinable @inline(__always)
    subscript(slot: UInt32, end: Int, index: Int) -> Pending {
        get { items[PendingPool.position(slot, end, index)] }
        _modify { yield &items[PendingPool.position(slot, end, index)] }
    }

    /// Takes a slot. Amortised O(1).
    @inlinable
    mutating func take() -> UInt32 {
        if let slot = free.popLast() { return slot }
        let slot = UInt32(items.count / (2 * PendingPool.capacity))
        for _ in 0..<2 * PendingPool.capacity { items.append(Pending.none) }
        return slot
    }

    /// Gives a slot back.
    @inlinable
    mutating func give(_ slot: UInt32) { free.append(slot) }

    /// Moves transitions of an end into a slot of their own, from the one at `first` on.
    @inlinable
    mutating func detach(_ slot: UInt32, _ end: Int, _ indices: Range<Int>) -> DetachedPending {
        let copy = take()
        for (position, index) in indices.enumerated() {
            self[copy, 0, position] = self[slot, end, index]
        }
        return DetachedPending(slot: copy, count: indices.count)
    }
}

/// Inferred transitions that were taken from their connection, to be made anew or not. They stand in
/// a slot of their own, which whoever takes them gives back.
@usableFromInline
struct DetachedPending: Sendable {
    @usableFromInline let slot: UInt32
    @usableFromInline let count: Int

    @inlinable
    init(slot: UInt32, count: Int) {
        self.slot = slot
        self.count = count
    }
}
