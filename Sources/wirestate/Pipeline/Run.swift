import Capture
import Diagnosis
import Glibc
import Reports
import TCPState
import Tracking
import Wire

/// Reads the captures of some options through a tracker, and accounts for every frame.
struct Run {
    /// What was read.
    let account: InputSummary
    /// What was wrong with the files.
    let problems: [CaptureError]

    /// Whether trouble kept every file from giving a single frame.
    var hasNothing: Bool { account.frames == 0 && account.skipped == 0 && !problems.isEmpty }

    /// Feeds all frames to a tracker with `observer`, calls `atEnd` with the tracker's observer and
    /// the time of the last frame, and lets all connections depart.
    init<Observer: DivisibleObserver>(
        _ options: CommonOptions, _ observer: inout Observer,
        atEnd: (inout Observer, CaptureEnd) -> Void = { _, _ in }
    ) throws(CaptureError) {
        let follower = options.follow ? FileFollower(beforeWaiting: {}) : nil
        var reader = try CaptureReader(options, follower)
        let shards = Run.shardCount(options, reader)
        guard shards > 1 else {
            self.init(alone: options, &observer, &reader, follower, atEnd: atEnd)
            return
        }
        let analysis = try ShardedAnalysis(options, observer, shards: shards)
        analysis.work()
        self = analysis.inspect { account, _, reader in Run(options, account, reader) }
        observer = analysis.finish(atEnd)
    }

    private init(
        _ options: CommonOptions, _ account: FrameCounts, _ reader: borrowing CaptureReader
    ) {
        self.account = InputSummary(options.files, account, reader)
        problems = reader.problems
    }

    /// The same on one thread, for an observer that must be told of everything in its order.
    ///
    /// - Parameters:
    ///   - before: looks at the tracker before each frame, whose time it is given.
    ///   - after: looks at the tracker and the frame after each, by the name that reports have for it.
    ///   - beforeWaiting: is called whenever a file that is followed has no more for now.
    init<Observer: TrackingObserver>(
        alone options: CommonOptions, _ observer: inout Observer,
        before: ((inout Tracker<Observer>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<Observer>, borrowing Frame, UInt64) -> Void)? = nil,
        beforeWaiting: @escaping () -> Void = {}
    ) throws(CaptureError) {
        let follower = options.follow ? FileFollower(beforeWaiting: beforeWaiting) : nil
        var reader = try CaptureReader(options, follower)
        self.init(
            alone: options, &observer, &reader, follower, atEnd: { _, _ in }, before: before,
            after: after)
    }

    private init<Observer: TrackingObserver>(
        alone options: CommonOptions, _ observer: inout Observer, _ reader: inout CaptureReader,
        _ follower: FileFollower?,
        atEnd: (inout Observer, CaptureEnd) -> Void,
        before: ((inout Tracker<Observer>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<Observer>, borrowing Frame, UInt64) -> Void)? = nil
    ) {
        var tracker = Tracker(
            observer: observer, profile: options.profile,
            maximumConnections: options.connectionLimit)
        var watch = CaptureQualityProbe(isOn: true, verifiesChecksums: options.verifyChecksums)
        if before == nil, after == nil, follower == nil {
            tracker.takeAll(of: &reader, &watch, showsProgress: true)
        } else {
            tracker.takeEach(of: &reader, &watch, follower, before: before, after: after)
        }
        atEnd(&tracker.observer, CaptureEnd(tracker.account, watch, reader))
        tracker.finish()
        observer = tracker.observer
        self.init(options, tracker.account, reader)
    }

    /// How many threads share the connections: one for pipes, which can be read once, and for
    /// captures that take less time than a thread to start. They take turns to read, so that more than a few
    /// gain little.
    private static func shardCount(
        _ options: CommonOptions, _ reader: borrowing CaptureReader
    ) -> Int {
        guard let bytes = reader.totalBytes, !options.follow else { return 1 }
        if let threads = options.threads { return threads }
        return bytes < 1 << 20 ? 1 : max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Says what was wrong and leaves with exit code 3, if anything was.
    func end(_ output: Output) throws(CommandFailure) {
        output.finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }
}

extension InputSummary {
    fileprivate init(_ files: [String], _ account: FrameCounts, _ reader: borrowing CaptureReader) {
        self.init(account)
        self.files = files
        numbering = FrameNumbering(before: reader.framesBefore)
        skipped = reader.framesSkipped
        dropped = reader.lostPackets
    }

    /// What a tracker counted.
    init(_ account: FrameCounts) {
        self.init()
        frames = account.frames
        segments = account.segments
        setAside = SetAside.allCases.filter { account[$0] > 0 }.map { ($0, account[$0]) }
        wireBytes = account.wireBytes
        first = account.first
        last = account.last
        connections = account.connections
        evicted = account.evictions.total
        framesBackInTime = account.framesBackInTime
    }
}

extension CaptureReader {
    /// Opens the files of some options.
    init(
        _ options: CommonOptions, _ follower: FileFollower?
    ) throws(CaptureError) {
        try self.init(
            files: options.files, filter: options.expression, engine: options.engine,
            follow: follower.map { follower in { follower.goesOn() } })
    }

    /// Packets that the files' interfaces say they lost; nil where none says anything.
    var lostPackets: UInt64? {
        var lost: UInt64?
        for interface in interfaces {
            for count in [interface.dropped, interface.droppedBySystem] {
                if let count { lost = (lost ?? 0) &+ count }
            }
        }
        return lost
    }
}

/// What is known when all frames are read and no connection has departed.
struct CaptureEnd {
    /// The time of the last frame.
    let time: Timestamp
    /// What the capture lacks, without any connection.
    let quality: CaptureQuality
    /// How frames are named.
    let numbering: FrameNumbering

    init(_ account: FrameCounts, _ watch: CaptureQualityProbe, _ reader: borrowing CaptureReader) {
        time = account.last ?? Timestamp(nanoseconds: 0)
        var quality = watch.quality
        quality.framesRead = account.frames
        quality.framesBackInTime = account.framesBackInTime
        quality.lostPackets = reader.lostPackets
        self.quality = quality
        numbering = FrameNumbering(before: reader.framesBefore)
    }
}
