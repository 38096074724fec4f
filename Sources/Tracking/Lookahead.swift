public import FlowTable
public import Wire

/// Segments that are decoded but not tracked yet, in order: while they wait, the memory that tracking them
/// will touch is on its way. They are written in place and tracked all at once.
@safe
@usableFromInline
struct Lookahead: ~Copyable {
    /// A segment with all that tracking has to know of its frame.
    @usableFromInline
    struct Waiting: ~Copyable {
        @usableFromInline var segment = Segment()
        /// The hash of the sender's end.
        @usableFromInline var source: UInt64 = 0
        /// The hash of the receiver's end.
        @usableFromInline var destination: UInt64 = 0
        @usableFromInline var time = Timestamp(nanoseconds: 0)
        @usableFromInline var frame: UInt64 = 0
        /// The frame's place in the run, from 1.
        @usableFromInline var place: UInt64 = 0
        @usableFromInline var interface: UInt32 = 0
        @usableFromInline var candidate = FlowTable.Candidate.none

        init() {}
    }

    /// One of them, seen through a pointer: borrowing it would copy all of it. Its place is not used for
    /// another segment before all are tracked.
    @safe
    @usableFromInline
    struct Item {
        @usableFromInline let pointer: UnsafePointer<Waiting>

        @inlinable
        init(_ pointer: UnsafePointer<Waiting>) { unsafe self.pointer = unsafe pointer }

        @inlinable var segment: Segment {
            unsafeAddress {
                // The first of the fields.
                unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: Segment.self)
            }
        }
        @inlinable var source: UInt64 { unsafe pointer.pointee.source }
        @inlinable var destination: UInt64 { unsafe pointer.pointee.destination }
        @inlinable var hash: UInt64 { source &+ destination }
        @inlinable var time: Timestamp { unsafe pointer.pointee.time }
        @inlinable var frame: UInt64 { unsafe pointer.pointee.frame }
        @inlinable var place: UInt64 { unsafe pointer.pointee.place }
        @inlinable var candidate: FlowTable.Candidate { unsafe pointer.pointee.candidate }
        /// What keeps equal keys apart: VLANs and tunnels, and the interface.
        @inlinable var scope: UInt32 {
            unsafe pointer.pointee.segment.scope ^ pointer.pointee.interface &* 0x9e37_79b9
        }
    }

    /// How many wait at most.
    @usableFromInline static var depth: Int { 32 }

    @usableFromInline let places: UnsafeMutablePointer<Waiting>
    @usableFromInline var count = 0

    @usableFromInline
    init() {
        unsafe places = .allocate(capacity: Lookahead.depth)
        for place in 0..<Lookahead.depth { unsafe (places + place).initialize(to: Waiting()) }
    }

    @inlinable
    deinit { unsafe places.deallocate() }

    /// The segment at a place below ``count``.
    @inlinable @inline(__always)
    func item(_ place: Int) -> Item { unsafe Item(places + place) }

    /// A place, from 0; the next free one is `count`'s.
    @inlinable @inline(__always)
    subscript(place: Int) -> Waiting {
        unsafeAddress { unsafe UnsafePointer(places + place) }
        unsafeMutableAddress { unsafe places + place }
    }
}
