public import Memory

/// Segments of a ``SegmentQueue`` in order, all or some of them. It must not outlive the queue.
@safe
@usableFromInline
struct SegmentList {
    @usableFromInline let entries: UnsafeMutablePointer<SegmentQueue.QueuedSegment>
    /// Where in the queue they are; nil if it is all of them.
    @usableFromInline let places: UnsafePointer<UInt16>?
    @usableFromInline let count: Int

    @inlinable
    init(
        _ entries: UnsafeMutablePointer<SegmentQueue.QueuedSegment>,
        at places: UnsafePointer<UInt16>?, _ count: Int
    ) {
        unsafe self.entries = unsafe entries
        unsafe self.places = unsafe places
        self.count = count
    }

    /// One of them, from 0.
    @inlinable @inline(__always)
    subscript(index: Int) -> UnsafeMutablePointer<SegmentQueue.QueuedSegment> {
        guard let places = unsafe places else { return unsafe entries + index }
        return unsafe entries + Int(places[index])
    }

    /// Asks for the memory of some, which another thread may have written.
    @inlinable @inline(__always)
    func prefetch(_ range: Range<Int>) {
        for index in range {
            unsafe prefetchSharedLine(UnsafeRawPointer(self[index]))
            unsafe prefetchSharedLine(UnsafeRawPointer(self[index]) + 64)
        }
    }
}
