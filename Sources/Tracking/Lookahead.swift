public import FlowTable
public import TCPState
public import Wire

/// Segments that are decoded but not tracked yet, oldest first: while they wait, the memory that
/// tracking them will touch is on its way. A ring that is written in place.
@safe
@usableFromInline
struct Lookahead: ~Copyable {
    /// A segment with all that tracking has to know of its frame.
    @usableFromInline
    struct Waiting: ~Copyable {
        @usableFromInline var segment: Segment
        @usableFromInline var key: FlowKey
        @usableFromInline var hash: UInt64
        @usableFromInline var time: Timestamp
        @usableFromInline var frame: UInt64
        /// The frame's place in the run, from 1.
        @usableFromInline var ordinal: UInt64
        @usableFromInline var interface: UInt32
        @usableFromInline var sender: Side
        @usableFromInline var candidate = FlowTable.Candidate.none

        init() {
            segment = Segment()
            key = FlowKey(segment)
            hash = 0
            time = Timestamp(nanoseconds: 0)
            frame = 0
            ordinal = 0
            interface = 0
            sender = .low
        }
    }

    /// How many wait at most.
    @usableFromInline static var depth: Int { 16 }
    /// How many are let pass between asking for a flow's slot and for the flow.
    @usableFromInline static var half: Int { 8 }

    @usableFromInline let ring: UnsafeMutablePointer<Waiting>
    @usableFromInline var head = 0
    @usableFromInline var count = 0

    @usableFromInline
    init() {
        unsafe ring = .allocate(capacity: Lookahead.depth)
        for place in 0..<Lookahead.depth { unsafe (ring + place).initialize(to: Waiting()) }
    }

    @inlinable
    deinit { unsafe ring.deallocate() }

    /// A place in the ring: 0 is the oldest segment's, `count` the next free one's.
    @inlinable @inline(__always)
    subscript(place: Int) -> Waiting {
        unsafeAddress { unsafe UnsafePointer(address(place)) }
        unsafeMutableAddress { unsafe address(place) }
    }

    @inlinable @inline(__always)
    func address(_ place: Int) -> UnsafeMutablePointer<Waiting> {
        unsafe ring + (head &+ place) & (Lookahead.depth - 1)
    }

    /// Takes the oldest one out, whose place stays as it is until another is decoded into it.
    @inlinable @inline(__always)
    mutating func drop() {
        head = (head &+ 1) & (Lookahead.depth - 1)
        count &-= 1
    }
}
