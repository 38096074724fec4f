internal import CMemory

/// A list of plain values in chunks: growing moves nothing, so memory never doubles. A value is named by its
/// place, from 0.
///
/// No value is ever deinitialised: only for types that need it not.
@safe
public struct Chunks<Element>: ~Copyable {
    @usableFromInline static var chunkBits: UInt32 { 16 }
    @usableFromInline static var chunkSize: Int { 1 << Int(chunkBits) }
    /// So many chunks are in small pages: they are at hand, huge ones have to be found, and pay where there are
    /// many.
    private let smallChunkCount: Int
    /// Small pages are asked for in windows of 256 KiB, whose exponent this is: they stay in the second-level cache until
    /// they are used.
    private static var windowBits: Int { 18 }
    @usableFromInline static var byteCount: Int { chunkSize * stride }
    /// From one value to the next, in bytes: whole cache lines where that takes little more.
    @inlinable static var stride: Int {
        let stride = MemoryLayout<Element>.stride
        let lines = (stride + 63) & ~63
        return lines - stride <= stride / 16 ? lines : stride
    }

    @usableFromInline var chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    @usableFromInline var chunkCount = 0
    @usableFromInline var chunkCapacity = 64
    /// Values so far.
    public private(set) var count: UInt32 = 0

    /// Makes an empty list, which takes hardly any memory.
    ///
    /// - Parameter smallChunkCount: how many chunks are in small pages: fewer where there will be many values, which are
    ///   looked up at random.
    public init(smallChunkCount: Int = 4) {
        self.smallChunkCount = smallChunkCount
        unsafe chunks = .allocate(capacity: chunkCapacity)
    }

    deinit {
        for index in 0..<chunkCount { unsafe unmap(chunks[index], byteCount: Self.byteCount) }
        unsafe chunks.deallocate()
    }

    /// The value at a place, which must be below ``count``.
    @inlinable
    public subscript(slot: UInt32) -> Element {
        unsafeAddress { unsafe UnsafePointer(address(slot)) }
        unsafeMutableAddress { unsafe address(slot) }
    }

    /// Where the value at a place is: it stays there.
    @inlinable
    public func address(_ slot: UInt32) -> UnsafeMutablePointer<Element> {
        // Every place that was handed out lies below `count`, and chunks exist up to it.
        let chunk = unsafe chunks[Int(slot >> Self.chunkBits)]
        let offset = Int(slot & (1 << Self.chunkBits - 1)) &* Self.stride
        return unsafe (chunk + offset).assumingMemoryBound(to: Element.self)
    }

    /// Adds a value. Amortised O(1).
    @inlinable
    public mutating func append(_ element: Element) -> UInt32 {
        let slot = reserve()
        unsafe address(slot).initialize(to: element)
        return slot
    }

    /// Adds a value whose bytes are all zero, for a type that has one. Amortised O(1).
    public mutating func appendZeros() -> UInt32 { reserve() }

    /// A place for another value, which must be initialised next.
    @usableFromInline
    mutating func reserve() -> UInt32 {
        if Int(count) == chunkCount << Int(Self.chunkBits) { addChunk() }
        populateWindow(reachedBy: count)
        count += 1
        return count - 1
    }

    /// Where a value is the first to reach a window of small pages, asks for the pages of the next values; where it is the
    /// first to reach a huge page, has another thread ask for the next one.
    private func populateWindow(reachedBy slot: UInt32) {
        let chunk = Int(slot >> Self.chunkBits)
        let isHuge = chunk >= smallChunkCount
        let bits = isHuge ? Int(HUGE_PAGE_BITS) : Self.windowBits
        let lastByte = (Int(slot & (1 << Self.chunkBits - 1)) + 1) * Self.stride - 1
        let window = lastByte >> bits
        guard (lastByte - Self.stride) >> bits != window else { return }
        let start = (isHuge ? window + 1 : window) << bits
        let count = min(1 << bits, Self.byteCount - start)
        guard count > 0 else { return }
        if isHuge {
            unsafe populateInBackground(chunks[chunk] + start, byteCount: count)
        } else {
            unsafe populate(chunks[chunk] + start, byteCount: count)
        }
    }

    private mutating func addChunk() {
        if chunkCount == chunkCapacity {
            let larger = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(
                capacity: chunkCapacity * 2)
            unsafe larger.moveInitialize(from: chunks, count: chunkCount)
            unsafe chunks.deallocate()
            unsafe chunks = larger
            chunkCapacity *= 2
        }
        let chunk = unsafe map(
            byteCount: Self.byteCount, isHuge: chunkCount >= smallChunkCount)
        unsafe (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
    }
}
