import Capture
import Reports
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

    private var frames: FrameBlock
    /// Before which frames trackers look at their timers, in order.
    private var ticks: [(index: Int, time: Timestamp)] = []
    /// How many of the frames are decoded, and ticks passed on.
    private var decoded = (frames: 0, ticks: 0)

    /// - Parameter size: frames that it has room for.
    init(shards: Int, seed: UInt64, size: Int) {
        byShard = ShardedSegments(count: shards, capacity: size)
        steering = SegmentSteering(seed: seed)
        frames = FrameBlock(capacity: size)
    }

    /// Whether it is the last one, which has no frames.
    var isEnd: Bool { frames.count == 0 }

    /// Fills it with the next frames. Those that do not stay when the reader goes on are decoded at once.
    ///
    /// - Returns: whether it could: see `FrameBlock.begin(_:_:)`.
    mutating func walk(
        _ reader: inout CaptureReader, _ piece: inout FilePiece, _ clock: inout FrameClock,
        _ watch: inout CaptureQualityProbe
    ) -> Bool {
        guard frames.begin(&reader, &piece) else { return false }
        framesBefore = clock.counts.frames
        byShard.removeAll()
        ticks.removeAll(keepingCapacity: true)
        decoded = (0, 0)
        while true {
            let first = frames.count
            frames.appendPlainFrames(of: &reader)
            for index in first..<frames.count { pass(index, &clock, &watch) }
            guard !frames.isFull(reader), appendNext(of: &reader) else { break }
            pass(frames.count - 1, &clock, &watch)
            if !reader.isLastFrameKept { decode() }
            if reader.keepsMuch, !frames.isFull(reader) {
                decode()
                frames.dropBytes(&reader)
            }
        }
        frames.end(&reader, &piece)
        return true
    }

    /// Adds a frame of any kind; returns whether there was one.
    private mutating func appendNext(of reader: inout CaptureReader) -> Bool {
        guard let frame = reader.next() else { return false }
        frames.append(frame)
        return true
    }

    /// Accounts for a frame.
    @inline(__always)
    private mutating func pass(
        _ index: Int, _ clock: inout FrameClock, _ watch: inout CaptureQualityProbe
    ) {
        let header = frames.header(index)
        if watch.isDue(clock.counts.frames, header.timestamp) {
            watch.pass(frames[index], index: clock.counts.frames, after: clock.counts.last)
        }
        if let time = clock.pass(wireLength: header.wireLength, at: header.timestamp) {
            ticks.append((index, time))
        }
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
            let header = frames.header(place)
            let reference = FrameReference(file: header.file, number: header.number)
            steer(
                frames.bytes(place), linkType: header.linkType, wireLength: header.wireLength,
                at: header.timestamp, interface: header.interface, frame: reference.rawValue,
                indexInBatch: UInt32(truncatingIfNeeded: place), to: &byShard)
        }
    }
}
