import Capture
import Coding
public import Diagnosis
public import Reports
public import TCPState
public import Tracking
import Wire

/// Reads captures on from where an earlier run stopped, and leaves what a later one goes on with: all runs of a chain
/// together say what one run over all their captures says, byte for byte.
///
/// One thread tracks all connections. A report is that of all captures so far. Rows are printed once, by the run that
/// knows them for certain: of a connection that goes on with the checkpoint there are none yet.
public struct CheckpointedAnalysis: Sendable {
    /// What it reads, and how; without replacement of addresses and without following.
    public let options: AnalysisOptions
    private let start: String?
    private let end: String?

    /// - Parameters:
    ///   - start: the checkpoint to go on from; nil to begin.
    ///   - end: where a checkpoint is left, which takes its place when it is complete; nil for none.
    public init(_ options: AnalysisOptions, from start: String?, to end: String?) {
        self.options = options
        self.start = start
        self.end = end
    }

    /// The report of all captures so far; see ``CaptureAnalysis/report(_:exampleLimit:spelling:where:)``.
    ///
    /// - Throws: ``PartError``, or a `CaptureError` for a filter that does not compile.
    public func report(
        _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat, where filter: ConnectionFilter = .all
    ) throws -> (input: InputResult, report: Report) {
        let summary = RunSummary(
            local: options.localAddresses, limits, exampleLimit: exampleLimit)
        var collector = SummaryCollector(summary, filter, limits)
        let input = try run(&collector, closes: true) { $0.finish($1) }
        let report = Report(
            input: input.summary, summary: collector.summary, quality: collector.quality,
            spelling: spelling, vantage: options.vantage, filter: filter)
        return (input, report)
    }

    /// Calls `body` with every connection that is closed; see ``CaptureAnalysis/connections(where:_:)``. Where a
    /// checkpoint is left these are only those that left a full table.
    ///
    /// - Throws: as ``report(_:exampleLimit:spelling:where:)``.
    public func connections(
        where filter: ConnectionFilter = .all,
        _ body: @escaping (ConnectionRecord, FrameNumbering) -> Void
    ) throws -> InputResult {
        let earlier = try start.map { try CheckpointFile($0).head }
        let own = earlier ?? CheckpointHead(.connections, options)
        var lister = ConnectionLister(
            own.numbering(ofNext: options.files.count), filter, body)
        return try run(&lister, closes: end == nil) { $0.begin($1) }
    }

    /// The final history; see ``CaptureAnalysis/history()``. Nil where a checkpoint is left: it goes on there.
    ///
    /// - Throws: as ``report(_:exampleLimit:spelling:where:)``.
    public func history() throws -> (input: InputResult, history: TransitionHistory?) {
        var history = TransitionHistory()
        let input = try run(&history, closes: end == nil) { _, _ in }
        return (input, end == nil ? history : nil)
    }

    /// Calls `body` with every transition when it is found, confirmed, withdrawn or amended.
    ///
    /// - Throws: as ``report(_:exampleLimit:spelling:where:)``.
    public func transitionEvents(
        _ body: @escaping (TransitionEvents.Event, TransitionRow) -> Void
    ) throws -> InputResult {
        var stream = TransitionStream(body)
        return try run(&stream, closes: end == nil) { _, _ in }
    }

    /// How the frames of this run are named before all of them are read; nil in files of their own.
    public func eventNumbering() throws -> FrameNumbering {
        let earlier = try start.map { try CheckpointFile($0).head }
        return (earlier ?? CheckpointHead(.events, options)).numbering(ofNext: options.files.count)
            ?? FrameNumbering(before: nil)
    }

    /// Feeds all frames to a tracker that knows what the checkpoint tells.
    ///
    /// - Parameters:
    ///   - closes: whether connections are closed at the end, after what is left for the next run was written.
    ///   - atEnd: is called once all frames are read.
    private func run<Observer: ResumableObserver>(
        _ observer: inout Observer, closes: Bool, atEnd: (inout Observer, CaptureEnd) -> Void
    ) throws -> InputResult {
        var head = CheckpointHead(Observer.command, options)
        let earlier = try start.map { try CheckpointFile($0) }
        if let earlier, let start {
            try earlier.head.requireSame(as: head, limit: options.connectionLimit, start)
            head = earlier.head
        }
        guard head.fileCount + options.files.count <= 65_536 else {
            throw PartError.mismatch(start ?? "", reason: "there are more than 65,536 files")
        }
        let file = try end.map { try BlockFileWriter($0) }
        var reader = try CaptureReader(
            files: options.files, filter: options.filter, backend: options.backend, sorts: true,
            interfaceTable: InterfaceTable(head.interfaces))
        reader.keepsHeld = file != nil
        let before = head.fileCount
        var tracker = Tracker(
            observer: EvictionKeeper(observer, file), profile: options.profile,
            maximumConnections: options.connectionLimit)
        var probe = CaptureQualityProbe(verifiesChecksums: options.verifiesChecksums)
        if let earlier {
            try earlier.read { tracker.code(&$0, &probe, &reader, after: before) }
            try earlier.evicted { tracker.observer.connectionClosed($0, .evicted) }
        }
        tracker.receive(&reader, after: before, &probe, options.onProgress)
        head.append(options.files, reader)
        // What could not be read at all is to be read by a run to come.
        let hasNothing = reader.framesRead == 0 && !reader.problems.isEmpty
        if let file, !hasNothing {
            head.connections = tracker.mostKept
            file.append(to: .checkpoint) { head.encode(to: &$0) }
            try CheckpointWriter.write(to: file) {
                tracker.code(&$0, &probe, &reader, after: before)
            }
            try file.finish()
        }
        if closes, reader.keepsHeld {
            // What is said of all captures so far is no part of the checkpoint.
            tracker.observer.endCheckpoint()
            reader.keepsHeld = false
            tracker.receive(&reader, after: before, &probe, nil)
        }
        atEnd(&tracker.observer.base, CaptureEnd(tracker.counts, probe, head))
        if closes { tracker.finish() }
        observer = tracker.observer.base
        return InputResult(
            summary: head.summary(tracker.counts), problems: reader.problems)
    }
}

extension CaptureEnd {
    /// What is known of all captures so far.
    fileprivate init(
        _ counts: FrameCounts, _ probe: CaptureQualityProbe, _ head: CheckpointHead
    ) {
        var quality = probe.quality
        quality.framesRead = counts.frames
        quality.framesBackInTime = counts.framesBackInTime
        quality.lostPackets = head.lostPackets
        self.init(
            time: counts.last ?? Timestamp(nanoseconds: 0), quality: quality,
            numbering: head.numbering)
    }
}

extension Tracker {
    /// Writes all that a run goes on with but its head, or reads it: the one order for both.
    fileprivate mutating func code<Base: ResumableObserver>(
        _ records: inout some RecordCoder, _ probe: inout CaptureQualityProbe,
        _ reader: inout CaptureReader, after files: Int
    ) where Observer == EvictionKeeper<Base> {
        code(&records)
        observer.base.code(&records)
        probe.code(&records, framesRead: counts.frames)
        reader.codeHeld(&records, after: files)
    }

    /// Receives all frames of a reader, whose files come after others.
    fileprivate mutating func receive(
        _ reader: inout CaptureReader, after files: Int, _ probe: inout CaptureQualityProbe,
        _ progress: (@Sendable (ReadProgress) -> Void)?
    ) {
        let before = UInt16(truncatingIfNeeded: files)
        let sorted = reader.framesSorted
        var index = counts.frames
        reader.forEachFrame(progress) { read, _ in
            let frame = Frame(
                bytes: read.bytes, wireLength: read.wireLength, timestamp: read.timestamp,
                linkType: read.linkType, interface: read.interface, file: read.file &+ before,
                number: read.number)
            probe.pass(frame, index: index, after: counts.last)
            enqueue(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference)
            index &+= 1
        }
        flush()
        counts.framesBackInTime &+= reader.framesSorted &- sorted
    }
}
