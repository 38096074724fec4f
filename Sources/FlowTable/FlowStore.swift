/// A flat store of flows in chunks: growing moves nothing, so memory never doubles.
@safe
public struct FlowStore: ~Copyable {
    @usableFromInline static var chunkBits: UInt32 { 10 }
    @usableFromInline static var chunkSize: Int { 1 << Int(chunkBits) }

    @usableFromInline var chunks: UnsafeMutablePointer<UnsafeMutablePointer<Flow>>
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
        // Flow is a plain value: there is nothing to deinitialise, only memory to give back.
        for index in 0..<chunkCount { unsafe chunks[index].deallocate() }
        unsafe chunks.deallocate()
    }

    /// Flows in use.
    @inlinable
    public var count: Int { Int(used) - free.count }

    /// The flow at `index`. The index must have come from `add` and not have been removed since.
    @inlinable
    public subscript(index: FlowIndex) -> Flow {
        unsafeAddress {
            // Every index handed out lies below `used`, and chunks exist up to it.
            unsafe UnsafePointer(address(index))
        }
        unsafeMutableAddress {
            unsafe address(index)
        }
    }

    @inlinable
    func address(_ index: FlowIndex) -> UnsafeMutablePointer<Flow> {
        let chunk = Int(index.rawValue >> FlowStore.chunkBits)
        return unsafe chunks[chunk] + Int(index.rawValue & (1 << FlowStore.chunkBits - 1))
    }

    /// Adds a flow. Amortised O(1).
    @inlinable
    mutating func add(_ flow: Flow) -> FlowIndex {
        if let index = free.popLast() {
            // The timer wheel may still hold the entry: then the new flow is filed where the old one was.
            let next = self[index].nextInWheel
            let isFiled = self[index].isFiled
            self[index] = flow
            self[index].nextInWheel = next
            self[index].isFiled = isFiled
            return index
        }
        let index = FlowIndex(rawValue: used)
        if Int(used) == chunkCount << Int(FlowStore.chunkBits) { addChunk() }
        used += 1
        unsafe address(index).initialize(to: flow)
        return index
    }

    @usableFromInline
    mutating func addChunk() {
        if chunkCount == chunkCapacity {
            let larger = UnsafeMutablePointer<UnsafeMutablePointer<Flow>>.allocate(
                capacity: chunkCapacity * 2)
            unsafe larger.moveInitialize(from: chunks, count: chunkCount)
            unsafe chunks.deallocate()
            unsafe chunks = larger
            chunkCapacity *= 2
        }
        let chunk = UnsafeMutablePointer<Flow>.allocate(capacity: FlowStore.chunkSize)
        unsafe (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
    }

    /// Gives an entry back, which stays where it is filed in the timer wheel.
    @inlinable
    mutating func remove(_ index: FlowIndex) {
        self[index].isLive = false
        free.append(index)
    }
}
