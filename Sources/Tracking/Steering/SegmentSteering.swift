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
    @usableFromInline let decoder = Decoder()
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
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &decoded[0].segment)
        switch outcome {
        case .segment:
            sorted.segments &+= 1
            decoded[0].complete(hashing, at: time, interface: interface, frame: frame)
            decoded[0].indexInBatch = indexInBatch
            byShard[SegmentSteering.shardIndex(decoded[0].hash, among: byShard.count)].append(
                firstOf: decoded)
        case .setAside(let reason): sorted.count(reason)
        case .icmpError(let error):
            sorted.count(.icmp)
            decoded[0].complete(hashing, at: time, interface: interface, frame: frame)
            let quoted = decoded[0].segment
            byShard[SegmentSteering.shardIndex(decoded[0].hash, among: byShard.count)]
                .append(.unreachable(quoted, error, at: time, frame: frame))
        }
    }

    /// Lets every tracker look at its timers before it goes on.
    @usableFromInline
    mutating func sendTick(_ byShard: inout ShardedSegments) {
        nextTick = TimerWheel.nextTick(after: sorted.latest)
        for index in 0..<byShard.count { byShard[index].append(.time(sorted.latest)) }
    }

    /// Which of several trackers has a connection: by other bits of the hash than the table goes by.
    @inlinable @inline(__always)
    static func shardIndex(_ hash: UInt64, among count: Int) -> Int {
        let low = hash & 0xffff_ffff
        return Int(truncatingIfNeeded: (low &* UInt64(truncatingIfNeeded: count)) >> 32)
    }
}
