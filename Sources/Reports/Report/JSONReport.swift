internal import Diagnosis
internal import TCPState
internal import Wire

/// The report as JSON lines: what was read, the states, one line per finding, how the connections ended, one line per
/// flaw of the capture.
public struct JSONReport: Format {
    private let names: JSONNames

    /// - Parameter names: whose names fields have, in the objects.
    public init(names: JSONNames = .wirestate) { self.names = names }

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let style = JSONStyle(
            spelling: report.spelling, frames: report.input.numbering, names: names)
        sink.write(JSONRecords.capture.namedLine(report, style))
        sink.write(JSONRecords.stateCounts.namedLine(states(report), style))
        for group in report.findings {
            let row = JSONRecords.FindingRow(group: group, report: report)
            sink.write(JSONRecords.finding.namedLine(row, style))
        }
        var endings = JSONObject()
        for ending in Ending.allCases {
            let name = ending.cause + (ending.closer.map { "_by_\($0)" } ?? "")
            endings.add(
                JSONKey(ending == .refused ? "refused" : name),
                report.summary.endings[ending] ?? 0)
        }
        var line = JSONObject()
        line.add("endings", endings)
        sink.write(line.line)
        for flaw in report.quality.flaws { sink.write(JSONRecords.quality.namedLine(flaw, style)) }
    }

    private func states(_ report: Report) -> JSONRecords.StatesRow {
        let summary = report.summary
        let hasLocals = !summary.localAddresses.isEmpty
        return JSONRecords.StatesRow(
            time: report.input.last, states: summary.clients + summary.servers,
            clients: summary.clients, servers: summary.servers,
            locals: hasLocals ? summary.locals : nil, remotes: hasLocals ? summary.remotes : nil)
    }
}

/// The stable names of a set of oddities.
func anomalyNames(_ anomalies: Anomalies) -> [String] {
    Anomalies.names.filter { anomalies.contains($0.0) }.map(\.1)
}
