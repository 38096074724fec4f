public import Memory
public import TCPState
public import Wire

// Looking a flow up waits twice for memory: for its slot, then for the flow. Whoever has several to
// look up asks for the lines of the next ones meanwhile. Nothing here changes or promises anything.
extension FlowTable {
    /// Asks for the slot of a hash.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchSlot(_ hash: UInt64) {
        unsafe prefetchLine(slots.address(Int(home(hash))))
    }

    /// Asks for the flow that is most probably meant by a hash, whose slot has been asked for, and
    /// names it.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetchFlow(_ hash: UInt64) -> Candidate {
        var position = home(hash)
        guard let first = nextMatch(hash, from: &position) else { return .none }
        let candidate = Candidate(rawValue: first.rawValue)
        if let index = candidate.flow {
            unsafe FlowTable.touchFlow(flows.address(index))
        } else if let index = candidate.compactFlow {
            unsafe FlowTable.touchCompactFlow(compactFlows.address(index))
        }
        return candidate
    }

    /// Asks for all of an entry.
    @inlinable @inline(__always) @_addressableSelf
    public func prefetch(_ index: FlowIndex) {
        let address: UnsafeRawPointer
        let size: Int
        if index.isCachedSYN {
            return unsafe prefetchLine(synCache.address(index))
        } else if index.isCompact {
            unsafe address = UnsafeRawPointer(compactFlows.address(index))
            size = MemoryLayout<CompactFlow>.stride
        } else {
            unsafe address = UnsafeRawPointer(flows.address(index))
            size = MemoryLayout<Flow>.stride
        }
        for offset in stride(from: 0, to: size, by: 64) { unsafe prefetchLine(address + offset) }
    }

    /// Takes a segment on the fast path, if it is of the flow that was found ahead and moves nothing but
    /// sequence numbers: the way of nearly every segment. Otherwise does nothing and returns false.
    ///
    /// - Parameters:
    ///   - hash: the hash of its key: see ``FlowHash``.
    ///   - sender: which end of its connection sent it: see `FlowKey.sender(of:)`.
    @inlinable @inline(__always)
    public mutating func takeFastPath(
        _ segment: borrowing @_addressable Segment, _ candidate: Candidate, hash: UInt64,
        sender: Side, scope: UInt32, at time: Timestamp, frame: UInt64
    ) -> Bool {
        guard let index = candidate.flow else {
            guard let index = candidate.compactFlow else { return false }
            return takeFastPath(
                segment, compact: index, hash: hash, sender: sender, scope: scope, at: time,
                frame: frame)
        }
        // It may have been removed or replaced since, but it is still a place in the store. The hash
        // stands for the key: two keys have the same one with probability 2⁻⁶⁴, and then the segment
        // would also have to carry the numbers that come next.
        let flow = unsafe flows.address(index)
        // There are two sides.
        let s = sender.rawValue
        guard unsafe flow.pointee.isSteady[unchecked: s], unsafe time < flow.pointee.deadline,
            unsafe flow.pointee.hash == hash, unsafe flow.pointee.scopes[unchecked: s] == scope
        else { return false }
        return unsafe flow.pointee.connection.takeFastPath(
            segment, from: sender, at: time, frame: frame)
    }

    @inlinable @inline(__always)
    mutating func takeFastPath(
        _ segment: borrowing @_addressable Segment, compact index: FlowIndex, hash: UInt64,
        sender: Side, scope: UInt32, at time: Timestamp, frame: UInt64
    ) -> Bool {
        let flow = unsafe compactFlows.address(index)
        // Half of the hash was compared when it was found ahead; see above.
        guard unsafe flow.pointee.hash == UInt32(truncatingIfNeeded: hash),
            unsafe flow.pointee.scope == scope, unsafe flow.pointee.isLive
        else { return false }
        return unsafe flow.pointee.connection.takeFastPath(
            segment, from: sender, at: time, frame: frame)
    }

    /// The current flow for a segment, if it is the one that was found ahead.
    @inlinable @_addressableSelf
    public func find(
        _ candidate: Candidate, key: FlowKey, scope: UInt32, sender: Side
    ) -> FlowIndex? {
        guard let index = candidate.flow, flows[index].isLive, flows[index].isCurrent,
            flows[index].key == key, flows[index].scopes[sender.rawValue] == scope
        else { return nil }
        return index
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
        var flow: FlowIndex? { rawValue >> 30 == 0 ? FlowIndex(rawValue: rawValue) : nil }

        @inlinable
        var compactFlow: FlowIndex? {
            rawValue >> 30 == 1 ? FlowIndex(rawValue: rawValue) : nil
        }
    }

    @inlinable @inline(__always)
    static func touchFlow(_ address: UnsafeRawPointer) {
        // The lines that a segment of an established connection touches: what is left out is the part of the
        // first end that changes with its state.
        unsafe prefetchLine(address)
        unsafe prefetchLine(address + 64)
        unsafe prefetchLine(address + 128)
        unsafe prefetchLine(address + 256)
        unsafe prefetchLine(address + 320)
    }

    @inlinable @inline(__always)
    static func touchCompactFlow(_ address: UnsafeRawPointer) {
        unsafe prefetchLine(address)
        unsafe prefetchLine(address + 64)
        unsafe prefetchLine(address + 128)
    }
}
