public import Analysis
internal import Diagnosis
internal import HTMLReport
internal import POSIX
public import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// Writes the documents that need more than a report holds. For HTML the captures are read once more.
public struct ReportDocuments {
    private let report: Report
    private let analysis: CaptureAnalysis

    /// Steps of the chart.
    private static let steps = 240
    /// Segments of a ladder that are kept.
    private static let rowLimit = 2000

    /// The documents of a report, and what reads its captures.
    public init(report: Report, analysis: CaptureAnalysis) {
        self.report = report
        self.analysis = analysis
    }

    // MARK: HTML

    /// Writes the report as one HTML file, in place of an old one when it is complete.
    public func writeHTML(to path: String) throws {
        let file = try DocumentFile(path, inputs: inputs)
        let groups = report.findings.prefix(HTMLReport.findingsAtLength)
        let wanted = Set(groups.compactMap { $0.examples.first?.stream })
        let (_, ladders, history) = try analysis.traces(
            limit: wanted.count, rowLimit: ReportDocuments.rowLimit
        ) {
            wanted.contains($0.connection.stream)
        }
        let content = HTMLReport.Content(
            report: report, samples: samples(history),
            ladders: ladders, services: services(history),
            connections: connections(history))
        try file.write(content, as: HTMLReport())
    }

    /// The states at equal steps from the first frame to the last.
    private func samples(_ history: TransitionHistory) -> [StateSample] {
        guard let first = report.input.first, let last = report.input.last, first < last else {
            return []
        }
        var timeline = SocketTimeline(history, isNear: analysis.options.isNear)
        let step = max(1, report.input.span / ReportDocuments.steps)
        var samples: [StateSample] = []
        var time = first
        while time < last {
            timeline.advance(to: time)
            samples.append(StateSample(time: time, counts: timeline.counts))
            time = time + step
        }
        timeline.advance(to: last)
        samples.append(StateSample(time: last, counts: timeline.counts))
        return samples
    }

    private func services(_ history: TransitionHistory) -> [ServiceRow] {
        var rows: [Service: ServiceRow] = [:]
        for record in history.connections {
            let server = record.connection.opener.peer
            let service = Service(address: record.address(server), port: record.port(server))
            rows[service, default: ServiceRow(name: service.name)].count(record.connection)
        }
        return rows.values.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// Connections with findings, the worst first, then the others in the order of their first segments.
    private func connections(_ history: TransitionHistory) -> [ConnectionTimeline] {
        var order: [UInt32] = []
        var known: Set<UInt32> = []
        for stream in report.findings.lazy.filter({ $0.severity != .benign }).flatMap(\.examples)
            .map(\.stream)
        where order.count < HTMLReport.listedConnections {
            if known.insert(stream).inserted { order.append(stream) }
        }
        for record in history.connections where order.count < HTMLReport.listedConnections {
            let stream = record.connection.stream
            if known.insert(stream).inserted { order.append(stream) }
        }
        var rows: [UInt32: [TransitionRow]] = [:]
        var records: [UInt32: ConnectionRecord] = [:]
        for row in history.rows(isNear: analysis.options.isNear) {
            let stream = row.record.connection.stream
            guard known.contains(stream) else { continue }
            records[stream] = row.record
            rows[stream, default: []].append(row)
        }
        return order.compactMap { stream in
            records[stream].map { ConnectionTimeline(record: $0, history: rows[stream] ?? []) }
        }
    }

    // MARK: Evidence

    /// Writes the packets of each finding to a folder, and names the files on standard error.
    public func writeEvidence(to directory: String) throws {
        try namingFiles {
            try EvidenceExporter(directory: directory).write(
                report, of: analysis, spelling: report.spelling, inputs: inputs)
        }
    }

    private var inputs: [FileIdentity] { analysis.options.inputs }
}
