import Capture
import Coding
import Diagnosis
import Reports
public import TCPState
import Tracking
import Wire

/// Tracks one shard of captures that were split, and writes a part: what the results need of its connections.
public struct ShardAnalysis: Sendable {
    /// The folders of ``CaptureSplit``, in the order of time.
    public var folders: [String]
    /// Which shard.
    public var shard: Int
    /// The timers of the hosts' TCP stacks.
    public var profile = StackProfile.linux
    /// The most connections to keep at once.
    public var connectionLimit = 1 << 20
    /// Whether the part has every transition.
    public var hasTransitions = false

    /// An analysis with the default options.
    public init(folders: [String], shard: Int) {
        self.folders = folders
        self.shard = shard
    }

    /// Reads the shard, and writes its part in place of an old one when it is complete.
    public func write(to path: String) throws(PartError) {
        let pieces = try Pieces(folders)
        guard (0..<pieces.manifest.shardCount).contains(shard) else {
            throw .mismatch(
                "shard \(shard)", reason: "there are \(pieces.manifest.shardCount), from 0 on")
        }
        let file = try BlockFileWriter(path)
        if hasTransitions {
            try track(pieces, PartObserver(TransitionHistory(), shard, file)) { history in
                for (transition, isAmended) in history.kept {
                    let kept = KeptTransition(shard: shard, transition, isAmended: isAmended)
                    file.append(to: .transitions) { kept.encode(to: &$0) }
                }
            }
        } else {
            try track(pieces, PartObserver(NoTransitions(), shard, file)) { _ in }
        }
        try file.finish()
    }

    private func track<Transitions>(
        _ pieces: Pieces, _ observer: PartObserver<Transitions>, _ end: (Transitions) -> Void
    ) throws(PartError) {
        let file = observer.file
        var feed = ShardFeed()
        var tracker = Tracker(
            observer: observer, profile: profile, maximumConnections: connectionLimit,
            sortedBy: feed.seed)
        if let start = pieces.manifest.start { tracker.begin(at: start) }
        for piece in pieces.list {
            try feed.read(
                CaptureSplit.shard(shard, in: piece.folder), firstFile: piece.firstFile,
                framesBefore: piece.framesBefore, to: &tracker,
                sample: { sample in file.append(to: .samples) { sample.encode(to: &$0) } })
        }
        feed.flush(to: &tracker)
        let own = tracker.account
        tracker.adopt(pieces.manifest.counts)
        let order = tracker.runTimersToEnd()
        let starts = tracker.connectionStarts
        _ = tracker.close(order) { true }
        file.append(to: .manifest) { pieces.manifest.encode(to: &$0) }
        let head = PartHead(
            shards: [shard], profile: profile, hasTransitions: hasTransitions, counts: own)
        file.append(to: .part) { head.encode(to: &$0) }
        file.append(to: .starts) { starts.encode(to: &$0) }
        end(tracker.observer.transitions)
    }
}

/// What was split piece by piece, as one run.
private struct Pieces {
    struct Piece {
        let folder: String
        /// Files and frames of the pieces before it.
        let firstFile: Int
        let framesBefore: UInt64
    }

    let manifest: SplitManifest
    private(set) var list: [Piece] = []

    init(_ folders: [String]) throws(PartError) {
        var all: SplitManifest?
        for folder in folders {
            let manifest = try SplitManifest(folder: folder)
            list.append(
                Piece(
                    folder: folder, firstFile: all?.files.count ?? 0,
                    framesBefore: all?.frames ?? 0))
            if all == nil { all = manifest } else { try all?.append(manifest, folder: folder) }
        }
        guard let all else { throw .mismatch("split", reason: "name a folder") }
        manifest = all
    }
}

/// Decodes a shard's frames and passes them on in batches, each with its place in the run.
private struct ShardFeed: ~Copyable {
    private var steering = SegmentSteering()
    private var segments = ShardedSegments(count: 1)
    /// How many frames of the run came before the batch's first.
    private var framesBefore: UInt64 = 0
    private var count = 0
    private let interfaces = InterfaceTable()
    private let decoder = Decoder()

    /// The secret that the tracker shares.
    var seed: UInt64 { steering.seed }

    /// Frames in a batch.
    private static let batchSize = 512

    /// Feeds one file's frames.
    mutating func read<Observer>(
        _ path: String, firstFile: Int, framesBefore before: UInt64,
        to tracker: inout Tracker<Observer>, sample: (IndexedSample) -> Void
    ) throws(PartError) {
        do throws(CaptureError) {
            var reader = try ShardReader(path: path, interfaces: interfaces)
            while let packet = try reader.next() {
                let index = before &+ packet.place &- 1
                take(packet, index: index, firstFile: firstFile, to: &tracker)
                if FrameSampler.isDue(index), let seen = look(packet) {
                    sample(IndexedSample(index: index, seen))
                }
            }
        } catch {
            throw .capture(error)
        }
    }

    private mutating func take<Observer>(
        _ packet: borrowing ShardFrame, index: UInt64, firstFile: Int,
        to tracker: inout Tracker<Observer>
    ) {
        if count == Self.batchSize || index &- framesBefore > UInt32.max { flush(to: &tracker) }
        if count == 0 { framesBefore = index }
        count += 1
        let file = UInt16(truncatingIfNeeded: firstFile + Int(packet.frame.file))
        steering.steer(
            packet.frame.bytes, linkType: packet.frame.linkType,
            wireLength: packet.frame.wireLength, at: packet.frame.timestamp,
            interface: packet.frame.interface,
            frame: FrameReference(file: file, number: packet.frame.number).rawValue,
            place: UInt32(truncatingIfNeeded: index &- framesBefore), to: &segments)
    }

    /// Passes on what is left.
    mutating func flush<Observer>(to tracker: inout Tracker<Observer>) {
        tracker.take(segments[0], framesBefore: framesBefore)
        segments.removeAll()
        count = 0
    }

    private func look(_ packet: borrowing ShardFrame) -> FrameSample? {
        var segment = Segment()
        let outcome = decoder.decode(
            packet.frame.bytes, linkType: packet.frame.linkType,
            wireLength: packet.frame.wireLength, into: &segment)
        guard outcome == .segment else { return nil }
        return FrameSample(
            segment, missing: packet.frame.wireLength - packet.capturedLength,
            checksum: packet.checksum, at: packet.frame.timestamp,
            interface: packet.frame.interface)
    }
}

/// Writes connections down when they are closed.
private struct PartObserver<Transitions: TransitionObserver>: TrackingObserver {
    static var seesClosedConnectionsOnly: Bool { Transitions.self == NoTransitions.self }

    var transitions: Transitions
    let shard: Int
    let file: BlockFileWriter

    init(_ transitions: Transitions, _ shard: Int, _ file: BlockFileWriter) {
        self.transitions = transitions
        self.shard = shard
        self.file = file
    }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        if reason == .captureEnd {
            file.append(to: .connections) { record.encode(to: &$0) }
        } else {
            let evicted = EvictedConnection(shard: shard, record)
            file.append(to: .evicted) { evicted.encode(to: &$0) }
        }
    }

    mutating func observe(_ transition: Transition) -> UInt32 { transitions.observe(transition) }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        transitions.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) { transitions.withdraw(token) }

    mutating func amend(_ token: UInt32, to state: State) { transitions.amend(token, to: state) }
}
