import Capture
import Diagnosis
public import POSIX
public import Reports
public import TCPState
import Tracking
import Wire

/// Writes for each finding a pcapng file with its connections' segments, the state changes as packet
/// comments. The captures are read twice more: for the history of these connections, and for the
/// segments. An analysis with a mask replaces addresses, and only the headers of IP and TCP are copied.
public struct EvidenceExporter {
    /// Where the files go.
    public let directory: String
    /// As many connections of a finding, at most.
    public static let connectionLimit = 1000
    /// As many findings, at most.
    private static let fileLimit = 200

    /// A connection of a finding: when it lived, and the finding's file.
    private struct Member {
        let first: Timestamp
        let last: Timestamp
        let file: Int
    }

    /// Writes into a folder.
    public init(directory: String) { self.directory = directory }

    /// Writes the files; returns their paths. Throws ``EvidenceFailure``, or a `CaptureError`.
    ///
    /// - Parameters:
    ///   - spelling: how comments spell states.
    ///   - inputs: files that must not be written to.
    public func write(
        _ report: Report, of analysis: CaptureAnalysis, spelling: StateSpelling,
        inputs: [FileIdentity]
    ) throws -> [String] {
        try EvidenceFile.makeFolder(directory)
        let groups = report.findings.filter { $0.severity != .benign && !$0.examples.isEmpty }
        var files: [EvidenceFile] = []
        var members: [FlowKey: [Member]] = [:]
        for (index, group) in groups.prefix(EvidenceExporter.fileLimit).enumerated() {
            files.append(try open(group, index, inputs))
            for example in group.examples {
                members[example.key, default: []].append(
                    Member(first: example.firstSeen, last: example.lastSeen, file: index))
            }
        }
        let comments = try comments(on: Set(members.keys), analysis, spelling)
        var reader = try CaptureReader(analysis.options, nil)
        let decoder = Decoder()
        var segment = Segment()
        var masked = MaskedObserver(EvidenceCollector([]), analysis.options.mask)
        try reader.forEachFrame { (frame) throws(EvidenceFailure) in
            let outcome = decoder.decode(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                into: &segment)
            guard case .segment = outcome else { return true }
            let name = frame.reference
            for member in members[masked.masked(FlowKey(segment))] ?? []
            where member.first <= frame.timestamp && frame.timestamp <= member.last {
                let shown = analysis.options.mask == nil ? nil : masked.masked(segment)
                let original = "frame \(report.input.numbering.number(name)) of the capture"
                try files[member.file].append(
                    frame, as: shown, comments: [original] + (comments[name] ?? []))
            }
            return true
        }
        for index in files.indices { try files[index].finish() }
        return files.map(\.path)
    }

    private func open(
        _ group: FindingGroup, _ index: Int, _ inputs: [FileIdentity]
    ) throws(EvidenceFailure) -> EvidenceFile {
        let number = index < 9 ? "0\(index + 1)" : "\(index + 1)"
        let port = group.key.service.map { $0.port == 0 ? "" : "-port-\($0.port)" } ?? ""
        let path = "\(directory)/\(number)-\(group.key.diagnosis.name)\(port).pcapng"
        let comment = "\(group.key.diagnosis.name): \(group.title). \(group.count) connections."
        return try EvidenceFile(path, comment: comment, inputs: inputs)
    }

    /// The state changes of the connections, in words, by the frame that shows them.
    private func comments(
        on keys: Set<FlowKey>, _ analysis: CaptureAnalysis, _ spelling: StateSpelling
    ) throws -> [UInt64: [String]] {
        var observer = EvidenceCollector(keys)
        _ = try analysis.runInOrder(&observer)
        let comment = PacketComment(spelling: spelling)
        var comments: [UInt64: [String]] = [:]
        for entry in observer.history.timeline(isNear: analysis.options.isNear) {
            guard let record = observer.history.record(of: entry) else { continue }
            comments[entry.transition.frame, default: []].append(
                comment.text(entry.transition, of: record))
        }
        return comments
    }
}

/// Keeps the history of the connections on some keys.
private struct EvidenceCollector: TrackingObserver {
    private(set) var history = TransitionHistory()
    private let keys: Set<FlowKey>
    private var wanted: Set<UInt32> = []

    /// Names what is not kept.
    private static let nothing = UInt32.max

    init(_ keys: Set<FlowKey>) { self.keys = keys }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        if keys.contains(record.key) { wanted.insert(record.connection.serial) }
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        wanted.contains(transition.connection)
            ? history.observe(transition) : EvidenceCollector.nothing
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        guard token != EvidenceCollector.nothing else { return }
        history.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) {
        if token != EvidenceCollector.nothing { history.withdraw(token) }
    }

    mutating func amend(_ token: UInt32, to state: State) {
        if token != EvidenceCollector.nothing { history.amend(token, to: state) }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        if wanted.contains(record.connection.serial) { history.connectionClosed(record, reason) }
    }
}
