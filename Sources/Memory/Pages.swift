public import CMemory
internal import Dispatch

/// Asks for the cache line at an address, which need not be a valid one, while there is other work to do.
@inlinable @inline(__always)
public func prefetchLine(_ address: UnsafeRawPointer) { unsafe prefetch_to_write(address) }

/// The same for a line that other threads may read as well, and nobody writes for now.
@inlinable @inline(__always)
public func prefetchSharedLine(_ address: UnsafeRawPointer) { unsafe prefetch_to_read(address) }

/// Maps fresh memory, all zero.
///
/// - Parameter isHuge: whether it shall be in huge pages, if the system has them: each page costs a fault when it
///   is touched first, and a place in the processor's table of pages afterwards.
@usableFromInline
func map(byteCount: Int, isHuge: Bool) -> UnsafeMutableRawPointer {
    guard let start = unsafe map_memory(wholePages(byteCount), isHuge ? 1 : 0) else {
        fatalError("out of memory: \(byteCount) bytes")
    }
    return unsafe start
}

/// Makes pages of fresh memory present before they are touched. The start must be that of a page.
func populate(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe populate_memory(start, byteCount)
}

/// The same by another thread, while the caller goes on. The memory may be given back meanwhile: addresses that are not
/// mapped are passed over.
func populateInBackground(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    let address = UInt(bitPattern: start)
    populating.async {
        guard let start = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
        unsafe populate(start, byteCount: byteCount)
    }
}

private let populating = DispatchQueue(label: "pages")

/// The same for the whole pages of memory that begins and ends anywhere.
func populateInside(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    let pages = unsafe start.alignedUp(toMultipleOf: 4096)
    let end = unsafe (start + byteCount).alignedDown(toMultipleOf: 4096)
    if unsafe end > pages { unsafe populate(pages, byteCount: end - pages) }
}

/// Gives back what ``map(byteCount:isHuge:)`` gave.
@usableFromInline
func unmap(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe unmap_memory(start, wholePages(byteCount))
}

/// Rounded up to the largest pages that systems have besides the huge ones.
private func wholePages(_ byteCount: Int) -> Int { (max(byteCount, 1) + 0xffff) & ~0xffff }
