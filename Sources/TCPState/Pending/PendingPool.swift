public import Memory

/// The inferred transitions of all connections. Few ends have any at a time, and seldom more than one,
/// so connections do not carry the room for them: each end names the first of a chain, oldest first.
/// How many there are, their owner knows.
@usableFromInline
struct PendingPool: ~Copyable {
    /// Most transitions of one end. Four are enough for every order in which a handshake, a FIN, its
    /// acknowledgment and a RST can be on their way together; if more come, the oldest is kept as it
    /// stands.
    @usableFromInline static var capacity: Int { 4 }

    @usableFromInline var entries = Chunks<Pending>()
    /// The free items are a chain as well.
    @usableFromInline var firstFree = UInt32.max

    @usableFromInline
    init() {}

    /// The place of an item in its chain, counted from 0.
    @inlinable @inline(__always)
    func position(_ first: UInt32, _ index: Int) -> UInt32 {
        var position = first
        for _ in 0..<index { position = entries[position].next }
        return position
    }

    /// One inferred transition of the chain that begins with `first`.
    @inlinable @inline(__always)
    subscript(first: UInt32, index: Int) -> Pending {
        unsafeAddress { unsafe UnsafePointer(entries.address(position(first, index))) }
        unsafeMutableAddress { unsafe entries.address(position(first, index)) }
    }

    /// The place of the first item of a chain of `count` with an event; nil if there is none.
    @inlinable @inline(__always)
    func index(of event: Event, in first: UInt32, count: Int) -> Int? {
        var position = first
        for index in 0..<count {
            if entries[position].event == event { return index }
            position = entries[position].next
        }
        return nil
    }

    /// Adds an item to a chain of `count`. Amortised O(1).
    @inlinable @inline(__always)
    mutating func append(_ pending: Pending, to first: inout UInt32, count: Int) {
        let slot: UInt32
        if firstFree != .max {
            slot = firstFree
            firstFree = entries[slot].next
            entries[slot] = pending
        } else {
            slot = entries.append(pending)
        }
        if count == 0 {
            first = slot
        } else {
            entries[position(first, count - 1)].next = slot
        }
    }

    /// Gives the first `count` items of a chain back, which then begins behind them.
    @inlinable
    mutating func removeFirst(_ count: Int, of first: inout UInt32) {
        for _ in 0..<count {
            let slot = first
            first = entries[slot].next
            entries[slot].next = firstFree
            firstFree = slot
        }
    }

    /// Gives the last items of a chain of `count` back, from the one at `index` on.
    @inlinable
    mutating func removeLast(from index: Int, of first: inout UInt32, count: Int) {
        guard index < count else { return }
        var tail = position(first, index)
        removeFirst(count - index, of: &tail)
    }

    /// Copies items of a chain into a chain of their own.
    @inlinable
    mutating func detach(_ first: UInt32, _ indices: Range<Int>) -> DetachedPending {
        var copy: UInt32 = 0
        for index in indices {
            append(self[first, index], to: &copy, count: index - indices.lowerBound)
        }
        return DetachedPending(first: copy, count: indices.count)
    }

    /// Gives a detached chain back.
    @inlinable
    mutating func give(_ detached: DetachedPending) {
        var first = detached.first
        removeFirst(detached.count, of: &first)
    }
}

/// Inferred transitions that were taken from their connection, to be made anew or not. They are a
/// chain of their own, which the caller gives back.
@usableFromInline
struct DetachedPending: Sendable {
    @usableFromInline let first: UInt32
    @usableFromInline let count: Int

    @inlinable
    init(first: UInt32, count: Int) {
        self.first = first
        self.count = count
    }
}
