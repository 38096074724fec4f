public import Wire

/// Segments in order, each for one of several trackers. They stay where they were decoded: each tracker has a list of its
/// own of their places.
@safe
public struct ShardedSegments: ~Copyable {
    /// How many trackers there are.
    public let count: Int
    /// The segments of all of them.
    @usableFromInline var queue: SegmentQueue
    /// By tracker, room for as many places as the queue has.
    @usableFromInline let places: UnsafeMutablePointer<UInt16>
    /// By tracker, how many of them are in use.
    @usableFromInline let counts: UnsafeMutablePointer<Int>
    /// By tracker, before which of its segments something happens, in order.
    @usableFromInline var controlEvents: [[(index: Int, event: SegmentQueue.ControlEvent)]]

    /// Empty lists for so many trackers, with room for so many segments, of which there can be 65,536 at most.
    public init(count: Int, capacity: Int) {
        precondition(capacity <= 1 << 16)
        self.count = count
        queue = SegmentQueue(capacity: capacity)
        unsafe places = .allocate(capacity: count * capacity)
        // In cache lines of their own: they change with each segment.
        let lines = (count * MemoryLayout<Int>.stride + 127) & ~127
        unsafe counts = UnsafeMutableRawPointer.allocate(byteCount: lines, alignment: 128)
            .bindMemory(to: Int.self, capacity: count)
        unsafe counts.initialize(repeating: 0, count: count)
        controlEvents = Array(repeating: [], count: count)
    }

    deinit {
        unsafe places.deallocate()
        unsafe counts.deallocate()
    }

    /// Gives the segment at the queue's next place to a tracker.
    @inlinable @inline(__always)
    mutating func append(to shard: Int) {
        precondition(shard < count && queue.count < queue.capacity)
        let end = unsafe counts[shard]
        unsafe places[shard * queue.capacity + end] = UInt16(truncatingIfNeeded: queue.count)
        unsafe counts[shard] = end &+ 1
        queue.count &+= 1
    }

    /// Notes what happens before a tracker's next segment.
    @usableFromInline
    mutating func append(_ event: SegmentQueue.ControlEvent, to shard: Int) {
        controlEvents[shard].append((unsafe counts[shard], event))
    }

    /// Has every tracker look at its timers before its next segment.
    public mutating func tick(to time: Timestamp) {
        for shard in 0..<count { append(.time(time), to: shard) }
    }

    /// The segments of a tracker.
    @inlinable
    subscript(shard: Int) -> SegmentList {
        precondition(shard < count)
        return unsafe SegmentList(
            queue.entries, at: UnsafePointer(places + shard * queue.capacity), counts[shard])
    }

    /// Forgets all segments.
    public mutating func removeAll() {
        queue.removeAll()
        for shard in 0..<count {
            unsafe counts[shard] = 0
            controlEvents[shard].removeAll(keepingCapacity: true)
        }
    }
}
