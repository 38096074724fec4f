import Capture
public import Coding
import Diagnosis
import Reports
import Tracking
public import Wire

/// What is counted over the order of a capture's files when they are split, and no shard can tell: frames, the clock,
/// the capture's own flaws, names and troubles.
public struct SplitManifest: Sendable {
    /// How many shards there are.
    public private(set) var shardCount: Int
    /// The capture filter; "" without one.
    public private(set) var filter: String
    /// Whether all checksums were verified.
    public private(set) var verifiesChecksums: Bool
    /// The files' names, as they were given.
    public private(set) var files: [String]
    /// Frames read.
    public var frames: UInt64 { counts.frames }
    /// The time of the first frame; nil without frames.
    public private(set) var start: Timestamp?
    /// The time of the latest frame; nil without frames.
    public var end: Timestamp? { counts.last }
    /// What was wrong with the files, a sentence each.
    public private(set) var problems: [String]
    private(set) var counts: FrameCounts
    private(set) var quality: CaptureQuality
    private var skipped: UInt64
    /// Numbers that frames were given.
    private var numbersGiven: UInt64
    private var framesBefore: [UInt64]?

    /// The name of its file in the folder of the shards.
    static let name = "manifest"

    /// All frames are read.
    init(
        _ options: AnalysisOptions, shardCount: Int, start: Timestamp?, _ counts: FrameCounts,
        _ probe: CaptureQualityProbe, _ reader: borrowing CaptureReader
    ) {
        self.shardCount = shardCount
        filter = options.filter ?? ""
        verifiesChecksums = options.verifiesChecksums
        files = options.files
        self.start = start
        self.counts = counts
        quality = CaptureEnd(counts, probe, reader).quality
        problems = reader.problems.map { "\($0)" }
        skipped = reader.framesSkipped
        numbersGiven = reader.numbersGiven
        framesBefore = reader.framesBefore
    }

    /// Reads what ``write(to:_:)`` wrote into a folder.
    static func read(
        from folder: String
    ) throws(PartError) -> (manifest: SplitManifest, record: SplitRecord) {
        let file = try BlockFileReader("\(folder)/\(Self.name)")
        guard let manifest = try file.first(.manifest, { SplitManifest(from: &$0) }),
            let record = try file.first(.split, { SplitRecord(from: &$0) }),
            record.sizes.count == manifest.shardCount
        else { throw file.damaged }
        return (manifest, record)
    }

    /// Whether it is what a split with these options writes.
    func isMade(by options: AnalysisOptions, _ shardCount: Int) -> Bool {
        self.shardCount == shardCount && filter == options.filter ?? ""
            && verifiesChecksums == options.verifiesChecksums
    }

    /// Writes it into a folder.
    ///
    /// - Parameter record: of which files it is, and how large its shards are.
    func write(to folder: String, _ record: SplitRecord) throws(PartError) {
        let file = try BlockFileWriter("\(folder)/\(Self.name)")
        file.append(to: .manifest) { encode(to: &$0) }
        file.append(to: .split) { record.encode(to: &$0) }
        try file.finish()
    }

    /// Adds what was split of the files that follow.
    ///
    /// - Parameter folder: where it was found.
    mutating func append(_ later: SplitManifest, folder: String) throws(PartError) {
        func refuse(_ reason: String) -> PartError { .mismatch(folder, reason: reason) }
        guard later.shardCount == shardCount else {
            throw refuse("it has \(later.shardCount) shards, those before it have \(shardCount)")
        }
        guard later.filter == filter, later.verifiesChecksums == verifiesChecksums else {
            throw refuse("it was split with another filter or --verify-checksums")
        }
        guard files.count + later.files.count <= 65_536 else {
            throw refuse("there are more than 65,536 files")
        }
        if let end, let first = later.counts.first, first < end {
            let before = Double((end - first).nanoseconds) / 1e9
            throw refuse(
                "its first frame is \(before) s earlier than the last one of the folder before: give the folders "
                    + "in the order of time, or split overlapping files together")
        }
        if let last = end, let first = later.start {
            quality.addCapture(later.quality, from: first, after: last)
        } else if later.start != nil {
            var other = later.quality
            if let lost = quality.lostPackets {
                other.lostPackets = (other.lostPackets ?? 0) &+ lost
            }
            quality = other
        } else if let lost = later.quality.lostPackets {
            quality.lostPackets = (quality.lostPackets ?? 0) &+ lost
        }
        start = start ?? later.start
        counts.append(later.counts)
        files += later.files
        problems += later.problems
        skipped &+= later.skipped
        let given = numbersGiven
        framesBefore = framesBefore.flatMap { before in
            later.framesBefore.map { before + $0.map { $0 &+ given } }
        }
        numbersGiven &+= later.numbersGiven
    }

    /// How frames are named.
    var numbering: FrameNumbering { FrameNumbering(before: framesBefore) }

    /// What was read, and what became of the connections.
    func summary(_ counts: FrameCounts) -> InputSummary {
        var summary = InputSummary(counts)
        summary.files = files
        summary.numbering = numbering
        summary.skipped = skipped
        summary.dropped = quality.lostPackets
        summary.problems = problems
        return summary
    }
}

extension SplitManifest: BinaryCodable {
    init(from coder: inout BinaryCoder) {
        shardCount = 1
        filter = ""
        verifiesChecksums = false
        files = []
        problems = []
        counts = FrameCounts()
        quality = CaptureQuality()
        skipped = 0
        numbersGiven = 0
        code(&coder)
        if !(1...SplitManifest.shardLimit).contains(shardCount) { coder.fail() }
        // Frames have numbers of 48 bits.
        if let framesBefore,
            framesBefore.count != files.count || !framesBefore.allSatisfy({ $0 < 1 << 48 })
        {
            coder.fail()
        }
    }

    /// All of the manifest.
    public mutating func code(_ coder: inout BinaryCoder) {
        coder(&shardCount)
        coder(&filter)
        coder(&verifiesChecksums)
        coder.list(&files, "") { $1(&$0) }
        coder(&start)
        coder.list(&problems, "") { $1(&$0) }
        coder(&counts)
        quality.codeCapture(&coder)
        coder(&skipped)
        coder(&numbersGiven)
        coder.optional(&framesBefore, []) { $1.list(&$0, 0) { $1(&$0) } }
    }

    /// So many shards at most: each is an open file.
    public static let shardLimit = 256
}
