import Capture
import Tracking
import Wire

/// Frames that follow one another, and for each shard the segments in them.
///
/// They are walked over by the one thread that reads, in order, and decoded by any thread, while another one may walk over
/// the next batch.
struct FrameBatch: ~Copyable {
    /// How many frames came before it in the run.
    private(set) var framesBefore: UInt64 = 0
    /// The segments by shard. Their places are counted from the batch's first frame, from 0.
    private(set) var byShard: ShardedSegments
    /// Decodes its frames: counts those of all the batches that were here.
    private(set) var steering: SegmentSteering

    private var frames = FrameBlock(capacity: FrameBatch.size)
    /// Before which frames trackers look at their timers, in order.
    private var ticks: [(index: Int, time: Timestamp)] = []
    /// How many of the frames are decoded, and ticks passed on.
    private var decoded = (frames: 0, ticks: 0)

    /// Frames in a batch: enough to outweigh the synchronisation, few enough for the segments of several
    /// batches to stay in a core's own cache.
    private static let size = 1024

    init(shards: Int, seed: UInt64) {
        byShard = ShardedSegments(count: shards, capacity: FrameBatch.size)
        steering = SegmentSteering(seed: seed)
    }

    /// Whether it is the last one, which has no frames.
    var isEnd: Bool { frames.count == 0 }

    /// Fills it with the next frames. Those that do not stay when the reader goes on are decoded at once.
    mutating func walk(
        _ reader: inout CaptureReader, _ clock: inout FrameClock, _ watch: inout CaptureQualityProbe
    ) {
        framesBefore = clock.counts.frames
        byShard.removeAll()
        ticks.removeAll(keepingCapacity: true)
        decoded = (0, 0)
        frames.begin(&reader)
        while !frames.isFull(reader) {
            do {
                guard let frame = reader.next() else { break }
                watch.pass(frame, index: clock.counts.frames, after: clock.counts.last)
                if let time = clock.pass(wireLength: frame.wireLength, at: frame.timestamp) {
                    ticks.append((frames.count, time))
                }
                frames.append(frame)
            }
            if !reader.isLastFrameKept { decode() }
        }
        frames.end(&reader)
    }

    /// Decodes the frames that are not decoded yet.
    mutating func decode() {
        while decoded.ticks < ticks.count {
            let (index, time) = ticks[decoded.ticks]
            decode(to: index)
            byShard.tick(to: time)
            decoded.ticks += 1
        }
        decode(to: frames.count)
    }

    private mutating func decode(to end: Int) {
        steering.steer(frames, decoded.frames..<end, to: &byShard)
        decoded.frames = end
    }
}

extension SegmentSteering {
    /// Decodes some frames of a batch.
    fileprivate mutating func steer(
        _ frames: borrowing FrameBlock, _ places: Range<Int>, to byShard: inout ShardedSegments
    ) {
        for place in places {
            let frame = frames[place]
            steer(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference,
                indexInBatch: UInt32(truncatingIfNeeded: place), to: &byShard)
        }
    }
}
