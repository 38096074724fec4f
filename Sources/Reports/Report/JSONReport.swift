internal import Diagnosis
internal import TCPState
internal import Wire

/// The report as JSON lines: the account, the states, one line per finding, how
/// the connections ended. Times are nanoseconds since 1970.
public struct JSONReport: Format {
    /// Makes one.
    public init() {}

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        sink.write("{\"capture\":\(capture(report).description)}\n")
        sink.write("{\"states\":\(states(report).description)}\n")
        for group in report.findings {
            sink.write("{\"finding\":\(object(group, report).description)}\n")
        }
        var endings = JSONObject()
        for ending in Ending.allCases {
            let name = ending.cause + (ending.closer.map { "_by_\($0)" } ?? "")
            endings.add(ending == .refused ? "refused" : name, report.overview.endings[ending] ?? 0)
        }
        sink.write("{\"endings\":\(endings.description)}\n")
        writeQuality(report.quality, to: &sink)
    }

    private func capture(_ report: Report) -> JSONObject {
        let account = report.account
        var aside = JSONObject()
        for row in account.setAside { aside.add(row.reason.rawValue, row.frames) }
        var object = JSONObject()
        object.add("files", account.files)
        object.add("frames", account.frames)
        object.add("tcp", account.segments)
        object.add("set_aside", aside)
        object.add("skipped_by_filter", account.skipped)
        object.add("connections", account.connections)
        object.add("one_sided", report.quality.oneDirection)
        let vantage = report.vantage ?? report.overview.vantage.verdict
        object.add("vantage", vantage?.rawValue ?? "unknown")
        if let tap = report.tap { object.add("vantage_reason", tap) }
        object.add("first_time", account.first?.nanoseconds)
        object.add("last_time", account.last?.nanoseconds)
        object.add("wire_bytes", account.wireBytes)
        object.add("dropped", account.dropped)
        object.add("evicted", account.evicted)
        object.add("frames_back_in_time", account.framesBackInTime)
        return object
    }

    private func states(_ report: Report) -> JSONObject {
        func object(_ counts: StateCounts) -> JSONObject {
            var object = JSONObject()
            for row in counts.present { object.add(row.state.name(report.spelling), row.count) }
            return object
        }
        let overview = report.overview
        var states = JSONObject()
        states.add("client", object(overview.clients))
        states.add("server", object(overview.servers))
        states.add("both", object(overview.clients + overview.servers))
        if !overview.localAddresses.isEmpty {
            states.add("local", object(overview.locals))
            states.add("remote", object(overview.remotes))
        }
        return states
    }
}

/// The stable names of a set of oddities.
func anomalyNames(_ anomalies: Anomalies) -> [String] {
    Anomalies.names.filter { anomalies.contains($0.0) }.map(\.1)
}
