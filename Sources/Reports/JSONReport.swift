internal import Diagnosis
internal import TCPState
internal import Wire

/// The report as JSON lines: the account, the states, one line per half-closed or stuck connection,
/// how the connections ended. Times are nanoseconds since 1970.
public struct JSONReport: Format {
    /// Makes one.
    public init() {}

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        sink.write("{\"capture\":\(capture(report).description)}\n")
        sink.write("{\"states\":\(states(report).description)}\n")
        for group in report.groups {
            for stuck in group.connections {
                sink.write("{\"stuck\":\(object(stuck, report).description)}\n")
            }
        }
        var endings = JSONObject()
        for ending in Ending.allCases {
            let name = ending.cause + (ending.closer.map { "_by_\($0)" } ?? "")
            endings.add(ending == .refused ? "refused" : name, report.overview.endings[ending] ?? 0)
        }
        sink.write("{\"endings\":\(endings.description)}\n")
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
        object.add("one_sided", report.overview.oneSided)
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

    private func object(_ stuck: StuckConnection, _ report: Report) -> JSONObject {
        let name = { (role: Role) in stuck[role].address.text(port: stuck[role].port) }
        let reference = FrameReference(rawValue: stuck.frame)
        var object = JSONObject()
        object.add("situation", stuck.situation.name)
        object.add("client", name(.client))
        object.add("server", name(.server))
        object.add("states", "\(state(stuck, .client, report)) / \(state(stuck, .server, report))")
        object.add("waiting_for", stuck.situation.owing?.name)
        object.add("since", stuck.since.nanoseconds)
        object.add("age", max(0, report.end - stuck.since))
        object.add("grade", stuck.grade.name)
        object.add("frame", reference.number)
        if report.account.files.count > 1 { object.add("file", reference.file) }
        object.add("stream", stuck.stream)
        object.add("filter", report.displayFilter(of: stuck))
        if !report.overview.localAddresses.isEmpty {
            object.add("local", report.localRole(of: stuck))
        }
        object.add("roles_known", stuck.areRolesKnown)
        for role in Role.allCases { object.add(role.name + "_end", end(stuck, role, report)) }
        object.add("anomalies", anomalyNames(stuck.anomalies))
        object.add("sentence", stuck.sentence(at: report.end, name))
        return object
    }

    private func state(_ stuck: StuckConnection, _ role: Role, _ report: Report) -> String {
        stuck[role].state.name(report.spelling)
    }

    private func end(_ stuck: StuckConnection, _ role: Role, _ report: Report) -> JSONObject {
        let end = stuck[role]
        let reference = FrameReference(rawValue: end.frame)
        var object = JSONObject()
        object.add("state", end.state.name(report.spelling))
        object.add("grade", end.grade.name)
        let isKnown = end.state != .unknown
        object.add("since", isKnown ? end.since.nanoseconds : nil)
        object.add("frame", isKnown ? reference.number : nil)
        if isKnown, report.account.files.count > 1 { object.add("file", reference.file) }
        object.add("unacknowledged", end.unacknowledgedBytes)
        object.add("unanswered_retransmissions", end.unansweredRetransmissions)
        object.add("unanswered_keepalives", end.unansweredKeepalives)
        return object
    }
}

/// The stable names of a set of oddities.
func anomalyNames(_ anomalies: Anomalies) -> [String] {
    Anomalies.names.filter { anomalies.contains($0.0) }.map(\.1)
}
