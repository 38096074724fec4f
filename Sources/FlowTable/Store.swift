/// What a ``Store`` keeps.
public protocol StoreEntry: Sendable {
    /// Whether the entry is in use.
    var isLive: Bool { get set }
}

/// A flat store of plain values in chunks: growing moves nothing, so memory never doubles.
@safe
public struct Store<Entry: StoreEntry>: ~Copyable {
    @usableFromInline static var chunkBits: UInt32 { 10 }
    @usableFromInline static var chunkSize: Int { 1 << Int(chunkBits) }

    @usableFromInline var chunks: UnsafeMutablePointer<UnsafeMutablePointer<Entry>>
    @usableFromInline var chunkCount = 0
    @usableFromInline var chunkCapacity = 64
    /// Entries handed out so far, in use or free.
    @usableFromInline var used: UInt32 = 0
    /// Freed entries, to be used again.
    @usableFromInline var free: [FlowIndex] = []

    @usableFromInline
    init() {
        unsafe chunks = .allocate(capacity: chunkCapacity)
    }

    deinit {
        // Entries are plain values: there is nothing to deinitialise, only memory to give back.
        for index in 0..<chunkCount { unsafe chunks[index].deallocate() }
        unsafe chunks.deallocate()
    }

    /// Entries in use.
    @inlinable
    public var count: Int { Int(used) - free.count }

    /// The entry at `index`. The index must have come from `add` and not have been removed since.
    @inlinable
    public subscript(index: FlowIndex) -> Entry {
        unsafeAddress {
            // Every index handed out lies below `used`, and chunks exist up to it.
            unsafe UnsafePointer(address(index))
        }
        unsafeMutableAddress {
            unsafe address(index)
        }
    }

    @inlinable
    func address(_ index: FlowIndex) -> UnsafeMutablePointer<Entry> {
        let chunk = Int(index.place >> Self.chunkBits)
        return unsafe chunks[chunk] + Int(index.place & (1 << Self.chunkBits - 1))
    }

    /// A place for another entry: one that was freed, whose old value is still there, or a new one,
    /// which has none.
    @inlinable
    mutating func reserve() -> (index: FlowIndex, isUsed: Bool) {
        if let index = free.popLast() { return (index, true) }
        let index = FlowIndex(rawValue: used)
        if Int(used) == chunkCount << Int(Self.chunkBits) { addChunk() }
        used += 1
        return (index, false)
    }

    @usableFromInline
    mutating func addChunk() {
        if chunkCount == chunkCapacity {
            let larger = UnsafeMutablePointer<UnsafeMutablePointer<Entry>>.allocate(
                capacity: chunkCapacity * 2)
            unsafe larger.moveInitialize(from: chunks, count: chunkCount)
            unsafe chunks.deallocate()
            unsafe chunks = larger
            chunkCapacity *= 2
        }
        let chunk = UnsafeMutablePointer<Entry>.allocate(capacity: Self.chunkSize)
        unsafe (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
    }

    /// Gives an entry back.
    @inlinable
    mutating func remove(_ index: FlowIndex) {
        self[index].isLive = false
        free.append(FlowIndex(rawValue: index.place))
    }

    /// Calls `body` with the place of each entry in use, in store order.
    @inlinable
    func forEachIndex(_ body: (FlowIndex) -> Void) {
        for raw in 0..<used {
            let index = FlowIndex(rawValue: raw)
            if self[index].isLive { body(index) }
        }
    }
}

extension Store<Flow> {
    /// Adds a flow. Amortised O(1).
    @inlinable
    mutating func add(_ flow: Flow) -> FlowIndex {
        let (index, isUsed) = reserve()
        guard isUsed else {
            unsafe address(index).initialize(to: flow)
            return index
        }
        // The timer wheel may still hold the entry: then the new flow is filed where the old one was.
        let next = self[index].nextInWheel
        let isFiled = self[index].isFiled
        self[index] = flow
        self[index].nextInWheel = next
        self[index].isFiled = isFiled
        return index
    }
}

extension Store<Embryo> {
    /// Adds an embryo. Amortised O(1).
    @inlinable
    mutating func add(_ embryo: Embryo) -> FlowIndex {
        let index = reserve().index
        unsafe address(index).initialize(to: embryo)
        return FlowIndex(embryo: index)
    }
}
