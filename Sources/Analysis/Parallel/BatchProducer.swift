import Capture
import Synchronization
import Tracking
import Wire

/// Reads the files and deals out what is in them: to each worker the segments of its connections, to all of
/// them the time.
struct BatchProducer: ~Copyable {
    private(set) var reader: CaptureReader
    private(set) var steering: SegmentSteering
    private(set) var watch: CaptureQualityProbe
    private let progress: (@Sendable (ReadProgress) -> Void)?
    private let totalBytes: Int64?
    private var nextProgress: UInt64 = 0
    private var byShard: ShardedSegments
    private var isOver = false

    init(_ options: AnalysisOptions, shards: Int) throws(CaptureError) {
        reader = try CaptureReader(options, nil)
        steering = SegmentSteering()
        watch = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        progress = options.onProgress
        totalBytes = reader.totalBytes
        byShard = ShardedSegments(count: shards)
    }

    /// Fills a deal that all workers are done with; returns whether there is anything more to deal out, which
    /// the end is as well.
    mutating func produce(_ batch: SegmentBatch) -> Bool {
        if isOver { return false }
        batch.framesBefore = steering.account.frames
        if batch.framesBefore >= nextProgress {
            nextProgress = batch.framesBefore + 1 << 14
            progress?(reader.progress(batch.framesBefore, of: totalBytes))
        }
        // Not in place: every access to what a class holds is checked.
        swap(&byShard, &batch.byShard)
        let count = steering.produce(&reader, &watch, to: &byShard)
        swap(&byShard, &batch.byShard)
        batch.pending.store(byShard.count, ordering: .relaxed)
        isOver = count == 0
        batch.isEnd = isOver
        if isOver {
            progress?(reader.progress(batch.framesBefore, of: totalBytes, isComplete: true))
        }
        return true
    }
}

extension SegmentSteering {
    /// A deal is so many frames: enough to be worth a word between threads, few enough for the segments of
    /// several deals to stay in a thread's own cache.
    private static let batchSize: UInt32 = 512

    /// Sorts frames until the deal is full; returns how many there were.
    fileprivate mutating func produce(
        _ reader: inout CaptureReader, _ watch: inout CaptureQualityProbe,
        to byShard: inout ShardedSegments
    ) -> UInt32 {
        byShard.removeAll()
        for place in 0..<SegmentSteering.batchSize {
            guard let frame = reader.next() else { return place }
            let index = account.frames
            if index == watch.dueFrame || frame.timestamp >= watch.dueTime {
                watch.inspect(frame, index: index, after: account.last)
            }
            steer(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference,
                place: place, to: &byShard)
        }
        return SegmentSteering.batchSize
    }
}
