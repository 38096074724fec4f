public import Diagnosis
public import TCPState
public import Wire

/// All that the report says, before any format.
public struct Report: Sendable {
    /// What was read.
    public let input: InputSummary
    /// What became of the connections.
    public let summary: RunSummary
    /// What the capture itself lacks.
    public let quality: CaptureQuality
    /// How states are spelled.
    public let spelling: StateSpelling
    /// Where the capture was taken, as the user says; nil if it is to be found out.
    public let vantage: Vantage?
    /// What is the matter, the worst first.
    public private(set) var findings: [FindingGroup]
    /// What was wrong with the input: the report is about what could be read.
    public var problems: [String] { input.problems }
    /// Which connections it is about.
    public let filter: ConnectionFilter
    /// Whether only some of the findings are in it.
    public private(set) var isNarrowed = false

    /// Joins the parts.
    public init(
        input: InputSummary, summary: RunSummary, quality: CaptureQuality = CaptureQuality(),
        spelling: StateSpelling = .netstat, vantage: Vantage? = nil,
        filter: ConnectionFilter = .all
    ) {
        self.filter = filter
        self.quality = quality
        self.vantage = vantage
        self.input = input
        self.summary = summary
        self.spelling = spelling
        findings = summary.findings.groups(
            CaptureFacts(
                quality, vantage: vantage ?? summary.vantage.verdict,
                hosts: Set(summary.vantage.hosts.keys)))
    }

    /// Leaves out the findings that are not wanted.
    public mutating func narrow(to selection: FindingSelection) {
        guard !selection.isAll else { return }
        findings.removeAll { !selection.contains($0) }
        isNarrowed = true
    }

    /// Names the local programs of the connections that are shown.
    public mutating func nameProcesses(_ name: (FindingExample) -> String?) {
        for group in findings.indices { findings[group].nameProcesses(name) }
    }

    /// The same with a few examples of each finding, where more were kept for another document.
    public func limitingExamples(to limit: Int) -> Report {
        guard findings.contains(where: { $0.examples.count > limit }) else { return self }
        var report = self
        for group in findings.indices { report.findings[group].limitExamples(to: limit) }
        return report
    }

    /// Where the tap was, and why that is believed; nil if nothing tells.
    public var tap: String? {
        vantage.map { "Captured \($0.words) (by --vantage)." } ?? summary.vantage.sentence
    }

    /// When the capture ended.
    public var end: Timestamp { input.last ?? Timestamp(nanoseconds: 0) }

    /// A Wireshark display filter that shows a connection, and nothing else where it can.
    ///
    /// Wireshark numbers the streams of a whole file: where a filter changed what was counted, or files
    /// overlap, addresses and ports must do.
    public func displayFilter(of example: FindingExample) -> String {
        displayFilter(
            stream: example.stream, example.address(.client),
            ports: (example.port(.client), example.port(.server)))
    }

    /// The same of any connection.
    public func displayFilter(of record: ConnectionRecord) -> String {
        let opener = record.connection.opener
        return displayFilter(
            stream: record.connection.stream, record.address(opener),
            ports: (record.port(opener), record.port(opener.peer)))
    }

    private func displayFilter(
        stream: UInt32, _ client: Address, ports: (UInt16, UInt16)
    ) -> String {
        Report.displayFilter(stream: hasStreamNumbers ? stream : nil, client, ports: ports)
    }

    /// The same by the number of its stream; nil where streams have none that Wireshark would give them.
    ///
    /// - Parameter ports: the client's and the server's.
    public static func displayFilter(
        stream: UInt32?, _ client: Address, ports: (UInt16, UInt16)
    ) -> String {
        if let stream { return "tcp.stream eq \(stream)" }
        let family = client.isIPv4 ? "ip" : "ipv6"
        return "\(family).addr == \(client) && tcp.port == \(ports.0) && tcp.port == \(ports.1)"
    }

    /// The most connections that one display filter names: longer ones no field takes.
    private var filterLimit: Int { hasStreamNumbers ? 100 : 3 }

    /// A display filter that shows the connections of a group that are kept as examples, or the first of them.
    public func displayFilter(of group: FindingGroup) -> String {
        let examples = group.examples.prefix(filterLimit)
        if hasStreamNumbers {
            let streams = Set(examples.map(\.stream)).sorted().map(String.init)
            return streams.count == 1
                ? "tcp.stream eq \(streams[0])"
                : "tcp.stream in {\(streams.joined(separator: ", "))}"
        }
        return examples.map { "(\(displayFilter(of: $0)))" }.joined(separator: " || ")
    }

    /// ` (3 of 30 connections)`, where the display filter of a group does not show all of it; else empty.
    public func filterCoverage(of group: FindingGroup) -> String {
        let shown = min(group.examples.count, filterLimit)
        return shown < group.count
            ? " (\(Count(shown)) of \(Count(group.count).of("connection")))" : ""
    }

    /// Why the capture makes a finding doubtful: its flaws that show in a tenth of it or more.
    public func doubts(about group: FindingGroup) -> [CaptureFlaw.Kind] {
        quality.flaws.filter {
            $0.share >= 0.1 && $0.kind.castsDoubtOn.contains(group.key.diagnosis)
        }
        .map(\.kind)
    }

    /// Whether streams have the numbers that Wireshark gives them.
    public var hasStreamNumbers: Bool {
        input.isInFile && input.numbering.isContinuous && input.skipped == 0
    }

    /// Which end of a connection is local, as the user says: `client`, `server`, `both` or nil.
    public func localRole(of example: FindingExample) -> String? {
        let addresses = summary.localAddresses
        let client = addresses.contains(example.address(.client))
        let server = addresses.contains(example.address(.server))
        return client ? (server ? "both" : "client") : (server ? "server" : nil)
    }
}
