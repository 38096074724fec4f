public import Wire

/// Decodes the frames of a run, and sorts the segments to several trackers: each of them gets those of its own connections.
///
/// Several threads may decode frames of one run, each with one of its own; their clock is a ``FrameClock``. See
/// ``Tracker/receive(_:framesBefore:)``.
public struct SegmentSteering: ~Copyable {
    /// What was in the frames.
    @inlinable public var counts: FrameCounts { decodedCounts }
    @usableFromInline var decodedCounts = FrameCounts()
    /// The secret that its trackers share.
    public let seed: UInt64

    @usableFromInline let hashing: FlowHash

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
        let place = byShard.queue.count
        byShard.queue.prefetchFollowing()
        let taken = byShard.queue[place].take(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, indexInBatch: indexInBatch, hashing, counts: &decodedCounts)
        guard let taken else { return }
        let shard = SegmentSteering.shardIndex(byShard.queue[place].hash, among: byShard.count)
        switch taken {
        case .segment: byShard.append(to: shard)
        case .event(let event): byShard.append(event, to: shard)
        }
    }

    /// Takes one frame for the one tracker that there is, on the same thread.
    @inlinable @inline(__always)
    public mutating func steer(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, frame: UInt64, indexInBatch: UInt32, to queue: inout SegmentQueue
    ) {
        let place = queue.count
        switch queue[place].take(
            bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface,
            frame: frame, indexInBatch: indexInBatch, hashing, counts: &decodedCounts)
        {
        case .segment: queue.append()
        case .event(let event): queue.append(event)
        case nil: break
        }
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
