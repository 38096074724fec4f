public import Wire

/// Decodes the frames of a run, accounts for every one, follows its clock, and sorts the segments to several
/// trackers: each of them gets those of its own connections.
///
/// See ``Tracker/receive(_:framesBefore:)``.
public struct SegmentSteering: ~Copyable {
    /// What became of every frame; of connections it knows nothing.
    @inlinable public var counts: FrameCounts { sorted }
    @usableFromInline var sorted = FrameCounts()
    /// The secret that its trackers share.
    public let seed: UInt64

    @usableFromInline let hashing: FlowHash
    @usableFromInline var nextTick = Timestamp(nanoseconds: .min)
    /// Where a frame is decoded before it shows whose it is: one place.
    @usableFromInline var decoded = SegmentQueue(capacity: 1)

    /// Makes one with a secret of its own, or with a given one to repeat a run exactly.
    public init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        hashing = FlowHash(seed: seed)
    }

    /// Takes one frame; see ``Tracker/enqueue(_:linkType:wireLength:at:interface:frame:)``.
    ///
    /// - Parameter indexInBatch: the frame's place among those that are sorted before the trackers take them.
    @inlinable @inline(__always)
    public mutating func steer(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, indexInBatch: UInt32, to byShard: inout ShardedSegments
    ) {
        sorted.countFrame(wireLength: wireLength, at: time)
        if sorted.latest >= nextTick { sendTick(&byShard) }
        let taken = decoded[0].take(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, indexInBatch: indexInBatch, hashing, counts: &sorted)
        guard let taken else { return }
        let shard = SegmentSteering.shardIndex(decoded[0].hash, among: byShard.count)
        switch taken {
        case .segment: byShard[shard].append(firstOf: decoded)
        case .event(let event): byShard[shard].append(event)
        }
    }

    /// Takes one frame for the one tracker that there is, on the same thread: it is decoded in its place.
    @inlinable @inline(__always)
    public mutating func steer(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, indexInBatch: UInt32, to queue: inout SegmentQueue
    ) {
        sorted.countFrame(wireLength: wireLength, at: time)
        if sorted.latest >= nextTick { queue.append(.time(tick())) }
        queue.makeRoom()
        let place = queue.count
        switch queue[place].take(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, indexInBatch: indexInBatch, hashing, counts: &sorted)
        {
        case .segment: queue.count = place &+ 1
        case .event(let event): queue.append(event)
        case nil: break
        }
    }

    /// Lets every tracker look at its timers before it goes on.
    @usableFromInline
    mutating func sendTick(_ byShard: inout ShardedSegments) {
        let time = tick()
        for index in 0..<byShard.count { byShard[index].append(.time(time)) }
    }

    /// The time that timers are to be looked at for.
    @usableFromInline
    mutating func tick() -> Timestamp {
        nextTick = TimerWheel.nextTick(after: sorted.latest)
        return sorted.latest
    }

    /// Which of several trackers has a connection: by other bits of the hash than the table goes by.
    @inlinable @inline(__always)
    static func shardIndex(_ hash: UInt64, among count: Int) -> Int {
        let low = hash & 0xffff_ffff
        return Int(truncatingIfNeeded: (low &* UInt64(truncatingIfNeeded: count)) >> 32)
    }
}

/// What a tracker is told of a frame.
@usableFromInline
enum SteeredFrame {
    case segment
    case event(SegmentQueue.ControlEvent)
}

extension SegmentQueue.QueuedSegment {
    /// Decodes a frame into this place, and counts it; nil where no tracker is told.
    @inlinable @inline(__always)
    mutating func take(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, indexInBatch: UInt32,
        _ hashing: borrowing @_addressable FlowHash, counts: inout FrameCounts
    ) -> SteeredFrame? {
        let outcome = Decoder().decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &segment)
        switch outcome {
        case .segment:
            counts.segments &+= 1
            complete(hashing, at: time, interface: interface, frame: frame)
            self.indexInBatch = indexInBatch
            return .segment
        case .setAside(let reason):
            counts.count(reason)
            return nil
        case .icmpError(let error):
            counts.count(.icmp)
            complete(hashing, at: time, interface: interface, frame: frame)
            return .event(.unreachable(segment, error, at: time, frame: frame))
        }
    }
}
