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
    /// The checkpoint of the captures before these; nil to begin.
    public var start: String?
    /// Where a checkpoint is left, for the captures after these; nil for none.
    public var end: String?

    /// An analysis with the default options.
    public init(folders: [String], shard: Int) {
        self.folders = folders
        self.shard = shard
    }

    /// Reads the shard, and writes its part in place of an old one when it is complete: that of all captures, also of
    /// those before the checkpoint.
    public func write(to path: String) throws(PartError) {
        let earlier = try earlier()
        let pieces = try Pieces(folders, after: earlier?.manifest)
        guard (0..<pieces.manifest.shardCount).contains(shard) else {
            throw .mismatch(
                "shard \(shard)", reason: "there are \(pieces.manifest.shardCount), from 0 on")
        }
        let file = try BlockFileWriter(path)
        let later: BlockFileWriter? = if let end { try BlockFileWriter(end) } else { nil }
        if hasTransitions {
            let observer = PartObserver(TransitionHistory(), shard, file, later)
            try track(pieces, earlier, observer) { history in
                for (transition, isAmended) in history.kept {
                    let kept = KeptTransition(shard: shard, transition, isAmended: isAmended)
                    file.append(to: .transitions) { kept.encode(to: &$0) }
                }
            }
        } else {
            try track(pieces, earlier, PartObserver(NoTransitions(), shard, file, later)) { _ in }
        }
        try file.finish()
        try later?.finish()
    }

    /// The checkpoint that it goes on from: one of the same shard, made in the same way.
    private func earlier() throws(PartError) -> ShardCheckpoint? {
        guard let start else { return nil }
        let earlier = try ShardCheckpoint(start)
        try earlier.head.requireSame(as: head, limit: connectionLimit, start)
        guard earlier.part.shards == [shard] else {
            throw .mismatch(start, reason: "it is of shard \(earlier.part.shards[0])")
        }
        guard earlier.part.hasTransitions == hasTransitions else {
            throw .mismatch(start, reason: "only one of it and this run has --transitions")
        }
        return earlier
    }

    /// What a checkpoint says of this run.
    private var head: CheckpointHead {
        var options = AnalysisOptions(files: [])
        options.profile = profile
        return CheckpointHead(.part, options)
    }

    private func track<Transitions: PartTransitions>(
        _ pieces: Pieces, _ earlier: ShardCheckpoint?, _ observer: PartObserver<Transitions>,
        _ end: (Transitions) -> Void
    ) throws(PartError) {
        let file = observer.file
        var feed = ShardFeed(InterfaceTable(earlier?.head.interfaces ?? []))
        var tracker = Tracker(
            observer: observer, profile: profile, maximumConnections: connectionLimit,
            sortedBy: feed.seed)
        if let earlier {
            try earlier.read { records in
                tracker.code(&records)
                tracker.observer.transitions.code(&records)
            }
            try earlier.samples { observer.append($0) }
            try earlier.evicted { observer.append($0) }
        } else if let start = pieces.manifest.start {
            tracker.begin(at: start)
        }
        for piece in pieces.list {
            try feed.read(
                CaptureSplit.shard(shard, in: piece.folder), packets: piece.sizes[shard].packets,
                firstFile: piece.firstFile, framesBefore: piece.framesBefore, to: &tracker,
                sample: { observer.append($0) })
        }
        feed.flush(to: &tracker)
        let own = tracker.counts
        if let later = observer.later {
            var head = head
            head.interfaces = feed.interfaces.names
            head.connections = tracker.mostKept
            later.append(to: .checkpoint) { head.encode(to: &$0) }
            later.append(to: .manifest) { pieces.manifest.encode(to: &$0) }
            let part = PartHead(
                shards: [shard], profile: profile, hasTransitions: hasTransitions, counts: own)
            later.append(to: .part) { part.encode(to: &$0) }
            try CheckpointWriter.write(to: later) { records in
                tracker.code(&records)
                tracker.observer.transitions.code(&records)
            }
        }
        tracker.includeFrames(pieces.manifest.counts)
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
        /// By shard.
        let sizes: [CaptureSplit.ShardSize]
    }

    let manifest: SplitManifest
    private(set) var list: [Piece] = []

    /// - Parameter earlier: the manifest of what was tracked before; nil at the beginning.
    init(_ folders: [String], after earlier: SplitManifest?) throws(PartError) {
        var all = earlier
        for folder in folders {
            let (manifest, record) = try SplitManifest.read(from: folder)
            list.append(
                Piece(
                    folder: folder, firstFile: all?.files.count ?? 0,
                    framesBefore: all?.frames ?? 0, sizes: record.sizes))
            if all == nil { all = manifest } else { try all?.append(manifest, folder: folder) }
        }
        guard let all else { throw .mismatch("split", reason: "name a folder") }
        manifest = all
    }
}

/// Decodes a shard's frames and passes them on in batches, each with its place in the run.
private struct ShardFeed: ~Copyable {
    private var clock = FrameClock()
    private var steering = SegmentSteering()
    private var segments = SegmentQueue(capacity: ShardFeed.batchSize)
    /// How many frames of the run came before the batch's first.
    private var framesBefore: UInt64 = 0
    private var count = 0
    /// The interfaces met so far.
    let interfaces: InterfaceTable
    private let decoder = Decoder()

    init(_ interfaces: InterfaceTable) { self.interfaces = interfaces }

    /// The secret that the tracker shares.
    var seed: UInt64 { steering.seed }

    /// Frames in a batch.
    private static let batchSize = 512

    /// Feeds one file's frames.
    ///
    /// - Parameter packets: how many it had when it was written.
    mutating func read<Observer>(
        _ path: String, packets: UInt64, firstFile: Int, framesBefore before: UInt64,
        to tracker: inout Tracker<Observer>, sample: (IndexedSample) -> Void
    ) throws(PartError) {
        let found: UInt64
        do throws(CaptureError) {
            var reader = try ShardReader(path: path, interfaces: interfaces)
            try reader.forEachPacket { packet in
                let index = before &+ packet.ordinal &- 1
                if let clock = packet.clock {
                    flush(to: &tracker)
                    tracker.tick(to: clock)
                }
                receive(packet, index: index, firstFile: firstFile, to: &tracker)
                if FrameSampler.isDue(index), let seen = look(packet) {
                    sample(IndexedSample(index: index, seen))
                }
            }
            found = reader.packetCount
        } catch {
            throw PartError(shard: path, error)
        }
        // It may have been cut where one of its packs ends.
        guard found == packets else { throw .damagedShard(path) }
    }

    private mutating func receive<Observer>(
        _ packet: borrowing ShardFrame, index: UInt64, firstFile: Int,
        to tracker: inout Tracker<Observer>
    ) {
        if count == Self.batchSize || index &- framesBefore > UInt32.max { flush(to: &tracker) }
        if count == 0 { framesBefore = index }
        count += 1
        let file = UInt16(truncatingIfNeeded: firstFile + Int(packet.frame.file))
        let (wireLength, time) = (packet.frame.wireLength, packet.frame.timestamp)
        if let tick = clock.pass(wireLength: wireLength, at: time) { segments.tick(to: tick) }
        steering.steer(
            packet.frame.bytes, linkType: packet.frame.linkType, wireLength: wireLength, at: time,
            interface: packet.frame.interface,
            frame: FrameReference(file: file, number: packet.frame.number).rawValue,
            indexInBatch: UInt32(truncatingIfNeeded: index &- framesBefore), to: &segments)
    }

    /// Passes on what is left.
    mutating func flush<Observer>(to tracker: inout Tracker<Observer>) {
        tracker.receive(segments, framesBefore: framesBefore)
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
private struct PartObserver<Transitions: PartTransitions>: TrackingObserver, TransitionForwarder {
    static var seesClosedConnectionsOnly: Bool { Transitions.self == NoTransitions.self }

    var transitions: Transitions
    let shard: Int
    let file: BlockFileWriter
    /// The checkpoint that is left; nil for none.
    let later: BlockFileWriter?

    init(
        _ transitions: Transitions, _ shard: Int, _ file: BlockFileWriter,
        _ later: BlockFileWriter?
    ) {
        self.transitions = transitions
        self.shard = shard
        self.file = file
        self.later = later
    }

    /// Writes a sample down, here and for the next run.
    func append(_ sample: IndexedSample) {
        file.append(to: .samples) { sample.encode(to: &$0) }
        later?.append(to: .samples) { sample.encode(to: &$0) }
    }

    /// Writes a connection down that left a full table, here and for the next run.
    func append(_ evicted: EvictedConnection) {
        file.append(to: .evicted) { evicted.encode(to: &$0) }
        later?.append(to: .evicted) { evicted.encode(to: &$0) }
    }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        guard let preview = ConnectionPreview(key, connection) else { return }
        file.append(to: .previews) { preview.encode(to: &$0) }
    }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        file.append(to: .previews) {
            ConnectionPreview(key, attemptBy: opener).encode(to: &$0)
        }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        if reason == .captureEnd {
            file.append(to: .connections) { record.encode(to: &$0) }
        } else {
            append(EvictedConnection(shard: shard, record))
        }
    }
}
