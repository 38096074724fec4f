import Capture
import Synchronization
import Tracking
import Wire

/// Reads the files and produces batches: for each shard the segments of its connections, for all of them the
/// time.
struct BatchProducer: ~Copyable {
    private(set) var reader: CaptureReader
    private(set) var steering: SegmentSteering
    private(set) var watch: CaptureQualityProbe
    private let progress: (@Sendable (ReadProgress) -> Void)?
    private let totalBytes: Int64?
    private var nextProgress: UInt64 = 0
    private var byShard: ShardedSegments
    private var isOver = false

    init(_ options: AnalysisOptions, _ reader: consuming CaptureReader, shards: Int) {
        totalBytes = reader.totalBytes
        self.reader = reader
        steering = SegmentSteering()
        watch = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        progress = options.onProgress
        byShard = ShardedSegments(count: shards)
    }

    /// Fills a batch that all shards are done with; returns whether there is another one. The last one is the
    /// end, without frames.
    mutating func produce(_ batch: SegmentBatch) -> Bool {
        if isOver { return false }
        batch.framesBefore = steering.counts.frames
        if batch.framesBefore >= nextProgress {
            nextProgress = batch.framesBefore + 1 << 14
            progress?(reader.progress(batch.framesBefore, of: totalBytes))
        }
        // Avoids exclusivity checks on a class property.
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
    /// Frames in a batch: enough to outweigh the synchronisation, few enough for the segments of several
    /// batches to stay in a core's own cache.
    private static let batchSize: UInt32 = 512

    /// Steers frames until the batch is full; returns how many there were.
    fileprivate mutating func produce(
        _ reader: inout CaptureReader, _ watch: inout CaptureQualityProbe,
        to byShard: inout ShardedSegments
    ) -> UInt32 {
        byShard.removeAll()
        for indexInBatch in 0..<SegmentSteering.batchSize {
            guard let frame = reader.next() else { return indexInBatch }
            let index = counts.frames
            watch.pass(frame, index: index, after: counts.last)
            steer(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference,
                indexInBatch: indexInBatch, to: &byShard)
        }
        return SegmentSteering.batchSize
    }
}
