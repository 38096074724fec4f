public import Memory

/// What a ``Store`` keeps that can be walked over.
public protocol StoreEntry: Sendable {
    /// Whether the entry is in use.
    var isLive: Bool { get set }
}

/// A flat store of plain values, whose places are used again.
public struct Store<Entry: Sendable>: ~Copyable {
    @usableFromInline var entries: Chunks<Entry>
    /// Freed entries, to be used again.
    @usableFromInline var free: [FlowIndex] = []

    @usableFromInline
    init(smallChunkCount: Int = 4) { entries = Chunks(smallChunkCount: smallChunkCount) }

    /// Entries handed out so far, in use or free.
    @inlinable
    var used: UInt32 { entries.count }

    /// Entries in use.
    @inlinable
    public var count: Int { Int(used) - free.count }

    /// The entry at `index`. The index must have come from `add` and not have been removed since.
    @inlinable
    public subscript(index: FlowIndex) -> Entry {
        unsafeAddress { unsafe UnsafePointer(address(index)) }
        unsafeMutableAddress { unsafe address(index) }
    }

    @inlinable
    func address(_ index: FlowIndex) -> UnsafeMutablePointer<Entry> {
        unsafe entries.address(index.position)
    }

    /// Gives an entry back.
    @inlinable
    mutating func vacate(_ index: FlowIndex) { free.append(FlowIndex(rawValue: index.position)) }
}

extension Store where Entry: StoreEntry {
    /// Gives an entry back, which is in use no longer.
    @inlinable
    mutating func remove(_ index: FlowIndex) {
        self[index].isLive = false
        vacate(index)
    }

    /// Calls `body` with the place of each entry in use, in store order: the bits that tell stores apart are 0.
    @inlinable
    public func forEachIndex(_ body: (FlowIndex) -> Void) {
        for raw in 0..<used {
            let index = FlowIndex(rawValue: raw)
            if self[index].isLive { body(index) }
        }
    }
}

extension Store<Flow> {
    /// Adds a flow. Amortised O(1).
    @inlinable @inline(__always)
    mutating func add(_ flow: Flow) -> FlowIndex {
        guard let index = free.popLast() else {
            return FlowIndex(rawValue: entries.append(flow))
        }
        // The timer wheel may still hold the entry: then the new flow is filed where the old one was.
        let (slot, place) = (self[index].timerSlot, self[index].timerPlace)
        self[index] = flow
        (self[index].timerSlot, self[index].timerPlace) = (slot, place)
        return index
    }
}

extension Store {
    /// Adds an entry that nobody else refers to. Amortised O(1).
    @inlinable
    mutating func add(_ entry: Entry) -> FlowIndex {
        guard let index = free.popLast() else { return FlowIndex(rawValue: entries.append(entry)) }
        self[index] = entry
        return index
    }
}
