public import CPrefetch

// Looking a flow up waits twice for memory: for its slot, then for the flow. Whoever has several to
// look up asks for the lines of the next ones meanwhile. Nothing here changes or promises anything.
extension FlowTable {
    /// Asks for the slot of a hash.
    @inlinable @inline(__always)
    public func prefetchSlot(_ hash: UInt64) {
        unsafe FlowTable.touch(slots + Int(hash >> 32 & mask))
    }

    /// Asks for the flow that is most probably meant by a hash, whose slot has been asked for.
    @inlinable @inline(__always)
    public func prefetchFlow(_ hash: UInt64) {
        let slot = unsafe slots[Int(hash >> 32 & mask)]
        guard slot != 0 else { return }
        let index = FlowIndex(rawValue: UInt32(truncatingIfNeeded: slot) - 1)
        if index.isEmbryo {
            unsafe FlowTable.touch(embryos.address(index))
        } else {
            unsafe FlowTable.touchFlow(flows.address(index))
        }
    }

    @inlinable @inline(__always)
    static func touch(_ address: UnsafeRawPointer) { unsafe prefetch(address) }

    @inlinable @inline(__always)
    static func touchFlow(_ address: UnsafeRawPointer) {
        // The lines that a segment of an established connection touches.
        unsafe prefetch(address)
        unsafe prefetch(address + 64)
        unsafe prefetch(address + 128)
        unsafe prefetch(address + 192)
        unsafe prefetch(address + 256)
        unsafe prefetch(address + 320)
    }
}
