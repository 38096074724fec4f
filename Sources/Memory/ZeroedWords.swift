/// So many 64-bit words of memory, all zero at first. Not bounds-checked: the caller has masked the place.
@safe
public struct ZeroedWords: ~Copyable {
    @usableFromInline let words: UnsafeMutablePointer<UInt64>
    /// How many.
    public let count: Int

    /// Takes the memory.
    public init(count: Int) {
        self.count = count
        let start = unsafe map(byteCount: count * 8, isHuge: count > 1 << 20)
        unsafe words = start.bindMemory(to: UInt64.self, capacity: count)
        // A page that is read first and written later costs two faults, and stops the other threads for a moment.
        for page in stride(from: 0, to: count, by: 4096 / 8) { unsafe words[page] = 0 }
    }

    deinit { unsafe unmap(words, byteCount: count * 8) }

    /// The word at a place below ``count``.
    @inlinable @inline(__always)
    public subscript(index: Int) -> UInt64 {
        unsafeAddress { unsafe UnsafePointer(words + index) }
        unsafeMutableAddress { unsafe words + index }
    }

    /// Where that word is.
    @inlinable @inline(__always)
    public func address(_ index: Int) -> UnsafePointer<UInt64> {
        unsafe UnsafePointer(words + index)
    }
}
