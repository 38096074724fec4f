import Capture
import Reports
import TCPState
import Tracking
import Wire

/// Reads captures through a tracker and accounts for every frame: captures in, results out.
///
/// Every analysis reads the files anew. Errors that concern one file are part of the result; a method throws only
/// if a filter or an option is wrong, or no file can be opened.
public struct CaptureAnalysis: Sendable {
    /// What it reads, and how.
    public let options: AnalysisOptions

    /// An analysis with some options.
    public init(_ options: AnalysisOptions) { self.options = options }

    /// Feeds all frames to trackers with `observer`, under the addresses of the output: see ``MaskedObserver``.
    func run<Observer: DivisibleObserver>(
        _ observer: inout Observer,
        atEnd: (inout Observer, CaptureEnd) -> Void = { _, _ in }
    ) throws(CaptureError) -> InputResult {
        guard let mask = options.mask else { return try runUnmasked(&observer, atEnd: atEnd) }
        var masked = MaskedObserver(observer, mask)
        let result = try runUnmasked(&masked) { atEnd(&$0.base, $1.masked(by: mask)) }
        observer = masked.base
        return result
    }

    /// Feeds all frames to trackers with `observer`, on several threads if that is worth it, calls `atEnd` once
    /// all frames are read, and closes all connections.
    private func runUnmasked<Observer: DivisibleObserver>(
        _ observer: inout Observer, atEnd: (inout Observer, CaptureEnd) -> Void
    ) throws(CaptureError) -> InputResult {
        let follower = options.follow ? FileFollower(includesFiles: true, beforeWaiting: {}) : nil
        var reader = try CaptureReader(options, follower)
        let shards = shardCount(reader)
        guard shards > 1 else { return run(&observer, &reader, follower, atEnd: atEnd) }
        let analysis = ShardedAnalysis(options, observer, reader, shards: shards)
        analysis.work()
        let result = analysis.inspect { counts, _, reader in self.result(counts, reader) }
        observer = analysis.finish(atEnd)
        return result
    }

    /// The same on one thread, for an observer to which order matters.
    ///
    /// - Parameters:
    ///   - before: looks at the tracker before each frame, whose time it is given.
    ///   - after: looks at the tracker and the frame after each, by the name that reports have for it.
    ///   - beforeWaiting: is called whenever a pipe, or a file that is followed, has no more for now.
    func runInOrder<Observer: TrackingObserver>(
        _ observer: inout Observer,
        before: ((inout Tracker<MaskedObserver<Observer>>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<MaskedObserver<Observer>>, borrowing Frame, UInt64) -> Void)? = nil,
        beforeWaiting: (() -> Void)? = nil
    ) throws(CaptureError) -> InputResult {
        let follower =
            options.follow || beforeWaiting != nil
            ? FileFollower(includesFiles: options.follow, beforeWaiting: beforeWaiting ?? {}) : nil
        var reader = try CaptureReader(options, follower)
        var masked = MaskedObserver(observer, options.mask)
        let result = run(
            &masked, &reader, follower, atEnd: { _, _ in }, before: before, after: after)
        observer = masked.base
        return result
    }

    private func run<Observer: TrackingObserver>(
        _ observer: inout Observer, _ reader: inout CaptureReader, _ follower: FileFollower?,
        atEnd: (inout Observer, CaptureEnd) -> Void,
        before: ((inout Tracker<Observer>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<Observer>, borrowing Frame, UInt64) -> Void)? = nil
    ) -> InputResult {
        var tracker = Tracker(
            observer: observer, profile: options.profile,
            maximumConnections: options.connectionLimit)
        var probe = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        let progress = options.onProgress
        let neverWaits = follower == nil || !options.follow && reader.totalBytes != nil
        if before == nil, after == nil, neverWaits {
            tracker.receiveAll(of: &reader, &probe, progress)
        } else {
            tracker.receiveEach(
                of: &reader, &probe, progress, follower, before: before, after: after)
        }
        atEnd(&tracker.observer, CaptureEnd(tracker.account, probe, reader))
        tracker.finish()
        observer = tracker.observer
        return result(tracker.account, reader)
    }

    func result(
        _ counts: FrameCounts, _ reader: borrowing CaptureReader
    ) -> InputResult {
        InputResult(
            summary: InputSummary(options.files, counts, reader), problems: reader.problems)
    }

    /// How many threads share the connections: one for captures that take less time than a thread to start. The
    /// threads take turns to read, so that more than a few gain little.
    func shardCount(_ reader: borrowing CaptureReader) -> Int {
        if options.follow { return 1 }
        if options.threads == nil, let total = reader.totalBytes, total < 1 << 20 { return 1 }
        return options.threadCount
    }
}
