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

    init(_ options: AnalysisOptions, _ reader: consuming CaptureReader) {
        totalBytes = reader.totalBytes
        reader.keepsFrames = true
        self.reader = reader
        watch = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        progress = options.onProgress
    }

    /// Fills a batch that all shards are done with; returns whether there is another one. The last one is the
    /// end, without frames.
    mutating func produce(_ batch: inout FrameBatch) -> Bool {
        if isOver { return false }
        let framesBefore = clock.counts.frames
        if framesBefore >= nextProgress {
            nextProgress = framesBefore + 1 << 14
            progress?(reader.progress(framesBefore, of: totalBytes))
        }
        batch.walk(&reader, &clock, &watch)
        isOver = batch.isEnd
        if isOver { progress?(reader.progress(framesBefore, of: totalBytes, isComplete: true)) }
        return true
    }
}
