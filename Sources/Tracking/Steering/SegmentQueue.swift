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

    @usableFromInline var entries: UnsafeMutablePointer<QueuedSegment>
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0
    /// Before which of them something happens, in order.
    @usableFromInline var controlEvents: [(index: Int, event: ControlEvent)] = []

    /// What was found ahead for those that are tracked at once.
    @usableFromInline typealias Candidates = InlineArray<32, FlowTable.Candidate>
    /// How many that are.
    @usableFromInline static var batch: Int { Candidates.count }

    /// An empty one.
    public init() { self.init(capacity: SegmentQueue.batch) }

    @usableFromInline
    init(capacity: Int) {
        self.capacity = capacity
        unsafe entries = .allocate(lines: capacity)
    }

    @inlinable
    deinit { unsafe entries.deallocate() }

    /// A place, from 0; the next free one is `count`'s.
    @inlinable @inline(__always)
    subscript(index: Int) -> QueuedSegment {
        unsafeAddress { unsafe UnsafePointer(entries + index) }
        unsafeMutableAddress { unsafe entries + index }
    }

    /// Adds what stands at another list's first place.
    @inlinable @inline(__always)
    mutating func append(firstOf other: borrowing SegmentQueue) {
        makeRoom()
        // Another thread has read what was there before.
        unsafe prefetchLine(UnsafeRawPointer(entries + count) + 512)
        unsafe prefetchLine(UnsafeRawPointer(entries + count) + 576)
        // All of it at once, not field by field.
        unsafe UnsafeMutableRawPointer(entries + count).copyMemory(
            from: other.entries, byteCount: MemoryLayout<QueuedSegment>.stride)
        count &+= 1
    }

    /// For one more.
    @inlinable @inline(__always)
    mutating func makeRoom() {
        if count == capacity { grow() }
    }

    @usableFromInline
    mutating func grow() {
        let larger = unsafe UnsafeMutablePointer<QueuedSegment>.allocate(lines: capacity * 2)
        unsafe larger.moveInitialize(from: entries, count: count)
        unsafe entries.deallocate()
        unsafe entries = larger
        capacity *= 2
    }

    /// Notes what happens before the next segment.
    @usableFromInline
    mutating func append(_ event: ControlEvent) { controlEvents.append((count, event)) }

    /// Asks for the memory of some, which another thread may have written.
    @inlinable @inline(__always)
    func prefetch(_ range: Range<Int>) {
        for index in range {
            unsafe prefetchSharedLine(UnsafeRawPointer(entries + index))
            unsafe prefetchSharedLine(UnsafeRawPointer(entries + index) + 64)
        }
    }

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

/// A list of segments for each of several trackers.
@safe
public struct ShardedSegments: ~Copyable {
    /// How many lists there are.
    public let count: Int
    @usableFromInline let lists: UnsafeMutableRawPointer

    /// One thread may write a list while another one reads a list next to it: not in one cache line.
    @inlinable static var stride: Int { (MemoryLayout<SegmentQueue>.stride + 127) & ~127 }

    /// Makes so many empty lists.
    public init(count: Int) {
        self.count = count
        unsafe lists = .allocate(byteCount: count * ShardedSegments.stride, alignment: 128)
        for index in 0..<count { unsafe list(index).initialize(to: SegmentQueue()) }
    }

    deinit {
        for index in 0..<count { unsafe list(index).deinitialize(count: 1) }
        unsafe lists.deallocate()
    }

    @inlinable
    func list(_ index: Int) -> UnsafeMutablePointer<SegmentQueue> {
        precondition(index >= 0 && index < count)
        return unsafe (lists + index * ShardedSegments.stride)
            .assumingMemoryBound(to: SegmentQueue.self)
    }

    /// The list of one of them.
    @inlinable
    public subscript(index: Int) -> SegmentQueue {
        unsafeAddress { unsafe UnsafePointer(list(index)) }
        unsafeMutableAddress { unsafe list(index) }
    }

    /// Forgets all segments.
    public mutating func removeAll() {
        for index in 0..<count { self[index].removeAll() }
    }
}
