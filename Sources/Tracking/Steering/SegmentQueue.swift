public import Memory
public import TCPState
public import Wire

/// Segments that are decoded but not tracked yet, in order. They are written in place, and tracked many at
/// once: while they wait, the memory that tracking them will touch is on its way.
@safe
public struct SegmentQueue: ~Copyable {
    /// A segment with all that tracking has to know of its frame: two cache lines.
    @usableFromInline
    struct QueuedSegment {
        @usableFromInline var segment = Segment()
        /// The frame's place among those that were taken together, from 0.
        @usableFromInline var indexInBatch: UInt32 = 0
        /// Which end of its connection sent it.
        @usableFromInline var sender = Side.low
        /// The hash of its connection's key.
        @usableFromInline var hash: UInt64 = 0
        @usableFromInline var time = Timestamp(nanoseconds: 0)
        @usableFromInline var frame: UInt64 = 0

        init() {}

        /// Completes what was decoded.
        ///
        /// - Parameter interface: tells interfaces of one capture apart.
        @inlinable @inline(__always)
        mutating func complete(
            _ hashing: borrowing @_addressable FlowHash, at time: Timestamp, interface: UInt32,
            frame: UInt64
        ) {
            (hash, sender) = hashing(segment)
            // What keeps equal keys apart: VLANs and tunnels, and the interface.
            segment.scope ^= interfaceScope(interface)
            self.time = time
            self.frame = frame
        }
    }

    /// One of them, seen through a pointer: borrowing it would copy all of it. Its place is not used for
    /// another segment before all are tracked.
    @safe
    @usableFromInline
    struct QueuedSegmentRef {
        @usableFromInline let pointer: UnsafePointer<QueuedSegment>
        /// The flow that was found ahead.
        @usableFromInline let candidate: FlowTable.Candidate

        @inlinable
        init(_ pointer: UnsafePointer<QueuedSegment>, _ candidate: FlowTable.Candidate) {
            unsafe self.pointer = unsafe pointer
            self.candidate = candidate
        }

        @inlinable var segment: Segment {
            unsafeAddress {
                // The first of the fields.
                unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: Segment.self)
            }
        }
        @inlinable var sender: Side { unsafe pointer.pointee.sender }
        @inlinable var hash: UInt64 { unsafe pointer.pointee.hash }
        @inlinable var time: Timestamp { unsafe pointer.pointee.time }
        @inlinable var frame: UInt64 { unsafe pointer.pointee.frame }
        @inlinable var indexInBatch: UInt32 { unsafe pointer.pointee.indexInBatch }
        @inlinable var scope: UInt32 { unsafe pointer.pointee.segment.scope }
    }

    /// What happens before a segment is tracked.
    @usableFromInline
    enum ControlEvent {
        /// Timers may be due by then.
        case time(Timestamp)
        /// An ICMP error, and the segment that it quotes.
        case unreachable(Segment, ICMPError, at: Timestamp, frame: UInt64)
    }

    @usableFromInline let entries: UnsafeMutablePointer<QueuedSegment>
    @usableFromInline let capacity: Int
    @usableFromInline var count = 0
    /// Before which of them something happens, in order.
    @usableFromInline var controlEvents: [(index: Int, event: ControlEvent)] = []

    /// What was found ahead for those that are tracked at once.
    @usableFromInline typealias Candidates = InlineArray<32, FlowTable.Candidate>
    /// How many that are.
    @usableFromInline static var batch: Int { Candidates.count }

    /// An empty one.
    @usableFromInline
    init() { self.init(capacity: SegmentQueue.batch) }

    /// An empty one with room for so many segments.
    public init(capacity: Int) {
        self.capacity = capacity
        // One more, into which a frame is decoded that may turn out to be none of theirs.
        unsafe entries = .allocate(lines: capacity + 1)
    }

    @inlinable
    deinit { unsafe entries.deallocate() }

    /// A place, from 0; the next free one is `count`'s, and there is one more than `capacity`.
    @inlinable @inline(__always)
    subscript(index: Int) -> QueuedSegment {
        unsafeAddress { unsafe UnsafePointer(entries + index) }
        unsafeMutableAddress { unsafe entries + index }
    }

    /// All of them.
    @inlinable
    var list: SegmentList { unsafe SegmentList(entries, at: nil, count) }

    /// Asks for the memory of a segment that will be decoded soon: another thread may have read what was there before.
    @inlinable @inline(__always)
    func prefetchFollowing() {
        unsafe prefetchLine(UnsafeRawPointer(entries + count) + 512)
        unsafe prefetchLine(UnsafeRawPointer(entries + count) + 576)
    }

    /// Takes what was written to the next place.
    @inlinable @inline(__always)
    mutating func append() {
        precondition(count < capacity)
        count &+= 1
    }

    /// Notes what happens before the next segment.
    @usableFromInline
    mutating func append(_ event: ControlEvent) { controlEvents.append((count, event)) }

    /// Has its tracker look at its timers before the next segment.
    public mutating func tick(to time: Timestamp) { append(.time(time)) }

    /// Forgets all of them.
    public mutating func removeAll() {
        count = 0
        controlEvents.removeAll(keepingCapacity: true)
    }
}

extension UnsafeMutablePointer<SegmentQueue.QueuedSegment> {
    /// Memory for so many, each in its own cache lines.
    fileprivate static func allocate(lines count: Int) -> Self {
        let bytes = count * MemoryLayout<Pointee>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128)
        let start = unsafe memory.bindMemory(to: Pointee.self, capacity: count)
        unsafe start.initialize(repeating: Pointee(), count: count)
        return unsafe start
    }
}
