import Capture
import Coding
import Diagnosis
import Reports
import TCPState
import Tracking
import Wire

/// Whose checkpoint it is, and what was read before it: captures that follow are counted on from there.
struct CheckpointHead: Sendable {
    /// What left it, and what may go on with it.
    enum Command: UInt8, Sendable {
        case report = 1
        case connections, transitions, events, part

        /// Its name on the command line.
        var name: String {
            switch self {
            case .report: "report"
            case .connections: "connections"
            case .transitions: "transitions"
            case .events: "transitions --events"
            case .part: "part"
            }
        }
    }

    private(set) var command: Command
    private var profile: StackProfile
    private var filter: String
    private var verifiesChecksums: Bool
    /// How many connections a tracker has to keep to go on with it.
    var connections = 0
    /// The captures' names, in the order of time.
    private(set) var files: [String] = []
    /// The interfaces by number.
    var interfaces: [InterfaceName] = []
    /// Packets that the captures lost, as they say themselves.
    private(set) var lostPackets: UInt64?
    private var problems: [String] = []
    private var skipped: UInt64 = 0
    /// Numbers that frames were given.
    private var numbersGiven: UInt64 = 0
    private var framesBefore: [UInt64]? = []
    /// What the scopes of its connections are made with, if it was read.
    private var scopeSecret: ScopeSecret?

    /// No capture yet.
    init(_ command: Command, _ options: AnalysisOptions) {
        self.command = command
        profile = options.profile
        filter = options.filter ?? ""
        verifiesChecksums = options.verifiesChecksums
    }

    /// Whose checkpoint a run can go on with: one that does the same. The process takes over the
    /// secret of its scopes: nothing may be decoded before.
    ///
    /// - Parameters:
    ///   - limit: how many connections the run keeps.
    ///   - path: where it was found.
    func requireSame(
        as own: CheckpointHead, limit: Int, _ path: String
    ) throws(PartError) {
        func refuse(_ reason: String) -> PartError { .mismatch(path, reason: reason) }
        guard command == own.command else {
            throw refuse(
                "'\(command.name)' left it: '\(own.command.name)' goes on with one of its own")
        }
        guard profile == own.profile else {
            throw refuse("it was left by a run with other timers (--stack, --timer)")
        }
        guard filter == own.filter, verifiesChecksums == own.verifiesChecksums else {
            throw refuse("it was left by a run with another filter or --verify-checksums")
        }
        guard connections <= limit else {
            throw refuse(
                "it has room for \(connections) connections: use --max-connections \(connections)")
        }
        guard scopeSecret?.install() ?? true else {
            throw refuse("this process goes on with another checkpoint already")
        }
    }

    /// How many files there were before.
    var fileCount: Int { files.count }

    /// Adds the captures that were read after those so far.
    mutating func append(_ more: [String], _ reader: borrowing CaptureReader) {
        let given = numbersGiven
        framesBefore = framesBefore.flatMap { before in
            reader.framesBefore.map { before + $0.map { $0 &+ given } }
        }
        numbersGiven &+= reader.numbersGiven
        files += more
        problems += reader.problems.map { "\($0)" }
        skipped &+= reader.framesSkipped
        if let lost = reader.lostPackets { lostPackets = (lostPackets ?? 0) &+ lost }
        interfaces = reader.knownInterfaces
    }

    /// How frames are named.
    var numbering: FrameNumbering { FrameNumbering(before: framesBefore) }

    /// How the frames of one more file will be named; nil for several, which may overlap.
    func numbering(ofNext count: Int) -> FrameNumbering? {
        guard count == 1 else { return nil }
        return FrameNumbering(before: framesBefore.map { $0 + [numbersGiven] })
    }

    /// What was read, and what became of the connections.
    func summary(_ counts: FrameCounts) -> InputSummary {
        var summary = InputSummary(counts)
        summary.files = files
        summary.numbering = numbering
        summary.skipped = skipped
        summary.dropped = lostPackets
        summary.problems = problems
        return summary
    }
}

extension CheckpointHead: BinaryCodable {
    init(from coder: inout BinaryCoder) {
        self.init(.report, AnalysisOptions(files: []))
        code(&coder)
        let table = InterfaceTable(interfaces)
        if files.count > 65_536 || framesBefore.map({ $0.count != files.count }) ?? false
            || table.names.count != interfaces.count
            || !(framesBefore ?? []).allSatisfy({ $0 < 1 << 48 }) || numbersGiven >= 1 << 48
        {
            coder.fail()
        }
    }

    mutating func code(_ coder: inout BinaryCoder) {
        coder(&command)
        profile.code(&coder)
        coder(&filter)
        coder(&verifiesChecksums)
        coder(&connections)
        coder.list(&files, "") { $1(&$0) }
        coder.list(&interfaces, InterfaceName(name: "", occurrence: 0)) { name, coder in
            var (text, occurrence) = (name.name, name.occurrence)
            coder(&text)
            coder(&occurrence)
            name = InterfaceName(name: text, occurrence: occurrence)
        }
        coder(&lostPackets)
        coder.list(&problems, "") { $1(&$0) }
        coder(&skipped)
        coder(&numbersGiven)
        coder.optional(&framesBefore, []) { $1.list(&$0, 0) { $1(&$0) } }
        var words = coder.isReading ? InlineArray(repeating: 0) : ScopeSecret.shared.words
        for index in words.indices { coder(&words[index]) }
        guard coder.isReading else { return }
        scopeSecret = ScopeSecret(words: words)
        if scopeSecret == nil { coder.fail() }
    }
}
