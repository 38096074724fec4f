public import CPrefetch

// Looking a flow up waits twice for memory: for its slot, then for the flow. Whoever has several to
// look up asks for the lines of the next ones meanwhile. Nothing here changes or promises anything.
extension FlowTable {
    /// Asks for the slot of a hash.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchSlot(_ hash: UInt64) {
        unsafe FlowTable.touch(slots + Int(hash >> 32 & mask))
    }

    /// Asks for the flow that is most probably meant by a hash, whose slot has been asked for, and
    /// names it.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchFlow(_ hash: UInt64) -> Candidate {
        var position = hash >> 32 & mask
        while true {
            let slot = unsafe slots[Int(position)]
            if slot == 0 { return .none }
            if slot >> 32 == hash >> 32 {
                let candidate = Candidate(
                    rawValue: UInt32(truncatingIfNeeded: slot) &- 1)
                if let index = candidate.flow {
                    unsafe FlowTable.touchFlow(flows.address(index))
                }
                return candidate
            }
            position = (position + 1) & mask
        }
    }

    /// The flow, if it is one, in the first slot with a hash's 32 bits.
    @frozen
    public struct Candidate: Sendable {
        @usableFromInline let rawValue: UInt32

        @inlinable
        init(rawValue: UInt32) { self.rawValue = rawValue }

        /// No flow.
        @inlinable public static var none: Candidate { Candidate(rawValue: .max) }

        @inlinable
        var flow: FlowIndex? { rawValue >> 31 == 0 ? FlowIndex(rawValue: rawValue) : nil }
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
