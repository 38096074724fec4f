import Capture
import Tracking

/// Reads the files and walks over their frames, batch by batch.
struct BatchProducer: ~Copyable {
    private(set) var reader: CaptureReader
    private(set) var clock = FrameClock()
    private(set) var watch: CaptureQualityProbe
    private let progress: (@Sendable (ReadProgress) -> Void)?
    private let totalBytes: Int64?
    private var nextProgress: UInt64 = 0
    private var isOver = false

    init(
        _ options: AnalysisOptions, _ reader: consuming CaptureReader, readsAhead: Bool,
        threads: Int
    ) {
        totalBytes = reader.totalBytes
        reader.keepFrames(readingAhead: readsAhead, threads: threads)
        self.reader = reader
        watch = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        progress = options.onProgress
    }

    /// Fills a batch that all shards are done with; returns whether it could: not after the last one, which is the end,
    /// without frames, and not where another thread has read the bytes that come next.
    mutating func produce(_ batch: inout FrameBatch, _ piece: inout FilePiece) -> Bool {
        if isOver { return false }
        let framesBefore = clock.counts.frames
        if framesBefore >= nextProgress {
            nextProgress = framesBefore + 1 << 14
            progress?(reader.progress(framesBefore, of: totalBytes))
        }
        guard batch.walk(&reader, &piece, &clock, &watch) else { return false }
        isOver = batch.isEnd
        if isOver { progress?(reader.progress(framesBefore, of: totalBytes, isComplete: true)) }
        return true
    }
}
