import Capture
import Glibc
import Reports
import TCPState
import Tracking
import Wire

/// Reads the captures of some options through a tracker, and accounts for every frame.
struct Run {
    /// What was read.
    let account: CaptureAccount
    /// What was wrong with the files.
    let problems: [CaptureError]

    /// Whether trouble kept every file from giving a single frame.
    var hasNothing: Bool { account.frames == 0 && account.skipped == 0 && !problems.isEmpty }

    /// Feeds all frames to a tracker with `observer`, calls `atEnd` with the tracker's observer and
    /// the time of the last frame, and lets all connections depart.
    init<Observer: DivisibleObserver>(
        _ options: CommonOptions, _ observer: inout Observer,
        atEnd: (inout Observer, Timestamp) -> Void = { _, _ in }
    ) throws(CaptureError) {
        var reader = try CaptureReader(
            files: options.files, filter: options.expression, engine: options.engine)
        let shards = Run.shardCount(options, reader)
        guard shards > 1 else {
            self.init(alone: options, &observer, &reader, atEnd: atEnd)
            return
        }
        let crew = try Crew(options, observer, shards: shards)
        crew.work()
        observer = crew.finish(atEnd)
        self.init(options, crew.account, crew.workers[0].reader)
    }

    private init(
        _ options: CommonOptions, _ account: Account, _ reader: borrowing CaptureReader
    ) {
        self.account = CaptureAccount(options.files, account, reader)
        problems = reader.problems
    }

    /// The same on one thread, for an observer that must be told of everything in its order.
    ///
    /// - Parameters:
    ///   - before: looks at the tracker before each frame, whose time it is given.
    ///   - after: looks at the tracker and the frame after each, by the name that reports have for it.
    init<Observer: TrackingObserver>(
        alone options: CommonOptions, _ observer: inout Observer,
        before: ((inout Tracker<Observer>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<Observer>, borrowing Frame, UInt64) -> Void)? = nil
    ) throws(CaptureError) {
        var reader = try CaptureReader(
            files: options.files, filter: options.expression, engine: options.engine)
        self.init(
            alone: options, &observer, &reader, atEnd: { _, _ in }, before: before, after: after)
    }

    private init<Observer: TrackingObserver>(
        alone options: CommonOptions, _ observer: inout Observer, _ reader: inout CaptureReader,
        atEnd: (inout Observer, Timestamp) -> Void,
        before: ((inout Tracker<Observer>, Timestamp) -> Void)? = nil,
        after: ((inout Tracker<Observer>, borrowing Frame, UInt64) -> Void)? = nil
    ) {
        var tracker = Tracker(
            observer: observer, profile: options.profile,
            maximumConnections: options.maxConnections)
        tracker.takeAll(of: &reader, showsProgress: true, before: before, after: after)
        atEnd(&tracker.observer, tracker.account.last ?? Timestamp(nanoseconds: 0))
        tracker.finish()
        observer = tracker.observer
        self.init(options, tracker.account, reader)
    }

    /// How many threads share the connections: one for pipes, which can be read once, and for
    /// captures that take less time than a thread to start.
    private static func shardCount(
        _ options: CommonOptions, _ reader: borrowing CaptureReader
    ) -> Int {
        guard let bytes = reader.totalBytes else { return 1 }
        if let threads = options.threads { return threads }
        return bytes < 1 << 20 ? 1 : max(1, min(256, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Says what was wrong and leaves with exit code 3, if anything was.
    func end(_ output: Output) throws(Trouble) {
        output.finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || output.exitCode != 0 { throw Trouble() }
    }
}

extension Tracker {
    /// Takes all frames of a reader.
    mutating func takeAll(
        of reader: inout CaptureReader, showsProgress: Bool,
        before: ((inout Tracker, Timestamp) -> Void)? = nil,
        after: ((inout Tracker, borrowing Frame, UInt64) -> Void)? = nil
    ) {
        var progress = Progress(total: reader.totalBytes)
        let isWatched = before != nil || after != nil
        var count: UInt64 = 0
        while true {
            if showsProgress, count & 0x3fff == 0 {
                progress.show(reader.bytesRead, frames: count)
            }
            guard let frame = reader.next() else { break }
            let reference = FrameReference(file: frame.file, number: frame.number)
            before?(&self, frame.timestamp)
            queue(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: reference.rawValue)
            if isWatched {
                catchUp()
                after?(&self, frame, reference.rawValue)
            }
            count &+= 1
        }
        catchUp()
        progress.end()
    }
}

extension CaptureAccount {
    fileprivate init(_ files: [String], _ account: Account, _ reader: borrowing CaptureReader) {
        self.init(account)
        self.files = files
        skipped = reader.framesSkipped
        for interface in reader.interfaces {
            for lost in [interface.dropped, interface.droppedBySystem] {
                if let lost { dropped = (dropped ?? 0) + lost }
            }
        }
    }

    /// What a tracker counted.
    init(_ account: Account) {
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
