internal import TCPState

/// A change of state as it is kept.
struct NamedTransition: Sendable {
    /// The token by which it is confirmed, withdrawn or amended.
    let name: UInt32
    var transition: Transition
    /// Whether it has not happened after all.
    var isWithdrawn = false
}

/// The first changes of some connections that last: of as many as there is room for.
struct KeptTransitions: Sendable {
    /// One connection.
    private struct Entry {
        var serial: UInt32
        var changes: [NamedTransition] = []
        /// Whether an end has come to CLOSED or TIME-WAIT.
        var isClosed = false
    }

    private var entries: [Entry] = []
    /// Where each connection is.
    private var slots: [UInt32: Int] = [:]
    /// Where the connection of each open change is, by its name.
    private var open: [UInt32: Int] = [:]
    /// Where room is looked for next.
    private var clockHand = 0

    /// How many changes are kept of one connection.
    static let changeLimit = 63
    /// How many connections are.
    private static let limit = 6144
    /// How many of them are looked at for one that is over.
    private static let search = 16

    /// The changes that are kept of a connection, in order.
    func changes(of serial: UInt32) -> [NamedTransition] {
        slots[serial].map { entries[$0].changes } ?? []
    }

    /// Keeps a change, if there is room for one more of its connection. Complexity: O(1).
    mutating func keep(_ change: NamedTransition) {
        let serial = change.transition.connection
        let slot = slots[serial] ?? begin(serial)
        guard entries[slot].changes.count < KeptTransitions.changeLimit else { return }
        entries[slot].changes.append(change)
        if change.transition.mayBeWithdrawn { open[change.name] = slot }
        if change.transition.endsItsSocket, !change.isWithdrawn { entries[slot].isClosed = true }
    }

    /// A connection is over, whose other changes are not kept.
    mutating func markClosed(_ serial: UInt32) {
        if let slot = slots[serial] { entries[slot].isClosed = true }
    }

    /// Changes what is kept of a change in place: the change, and whether it is withdrawn.
    ///
    /// - Returns: what the body returns; nil if the change is not open, or is not kept.
    mutating func change<Result>(
        _ name: UInt32, _ body: (inout Transition, inout Bool) -> Result
    ) -> Result? {
        guard !open.isEmpty, let slot = open[name],
            let index = entries[slot].changes.firstIndex(where: { $0.name == name })
        else { return nil }
        var change = entries[slot].changes[index]
        let result = body(&change.transition, &change.isWithdrawn)
        entries[slot].changes[index] = change
        if change.isWithdrawn || !change.transition.mayBeWithdrawn { open[name] = nil }
        entries[slot].isClosed = entries[slot].changes.contains {
            $0.transition.endsItsSocket && !$0.isWithdrawn
        }
        return result
    }

    /// Begins a connection: in a new place, or that of one that is over, or else of any.
    private mutating func begin(_ serial: UInt32) -> Int {
        let slot: Int
        if entries.count < KeptTransitions.limit {
            slot = entries.count
            entries.append(Entry(serial: serial))
        } else {
            slot = makeRoom()
            slots[entries[slot].serial] = nil
            for change in entries[slot].changes where change.transition.mayBeWithdrawn {
                open[change.name] = nil
            }
            entries[slot] = Entry(serial: serial)
        }
        slots[serial] = slot
        return slot
    }

    private mutating func makeRoom() -> Int {
        let start = clockHand
        for step in 0..<KeptTransitions.search {
            let slot = (start + step) % entries.count
            guard entries[slot].isClosed else { continue }
            clockHand = (slot + 1) % entries.count
            return slot
        }
        clockHand = (start + KeptTransitions.search) % entries.count
        return start
    }
}

extension Transition {
    /// Whether nothing but a timer can come after it.
    var endsItsSocket: Bool { to == .closed || to == .timeWait }
}
