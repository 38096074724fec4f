public import Diagnosis
public import TCPState
public import Wire

/// Where a connection was seen.
public struct EventLocation: Hashable, Sendable {
    /// The interface's name.
    public let interface: String
    /// The identifier of its VLAN; nil outside of any.
    public let vlan: UInt16?
    /// Whether text has to say the interface: there are several.
    public let isOneOfSeveral: Bool

    /// Joins the parts.
    public init(interface: String, vlan: UInt16?, isOneOfSeveral: Bool) {
        self.interface = interface
        self.vlan = vlan
        self.isOneOfSeveral = isOneOfSeveral
    }

    /// ` on eth0 vlan 100`, as far as it has to be said.
    var text: String {
        (isOneOfSeveral ? " on \(interface.visible)" : "") + (vlan.map { " vlan \($0)" } ?? "")
    }
}

/// What happens in a live run, a line each as it happens: every line says all that it is about.
public struct LiveEvents: Sendable {
    private let spelling: StateSpelling
    /// How JSON lines are written; nil for text.
    private let json: JSONStyle?
    private var date = ""

    /// Text, with states in a dialect.
    public init(spelling: StateSpelling = .netstat) {
        self.spelling = spelling
        json = nil
    }

    /// JSON lines.
    public init(_ style: JSONStyle) {
        spelling = style.spelling
        json = style
    }

    /// Writes a transition: `03:12:45.123 + client ESTABLISHED → FIN_WAIT1 …`, marked as in
    /// ``TransitionEvents``.
    ///
    /// - Parameters:
    ///   - location: where it was seen, if that has a name.
    ///   - process: the local program that holds the socket, where it is known.
    public mutating func write(
        _ event: TransitionEvents.Event, _ row: TransitionRow, at location: EventLocation?,
        process: String?, to sink: inout some Sink & ~Copyable
    ) {
        if let json {
            let row = JSONRecords.TransitionEvent(
                row: row, event: event, location: location, process: process)
            sink.write(JSONRecords.transition.line(row, json))
            return
        }
        let transition = row.transition
        let change = transition.from.name(spelling) + " → " + transition.to.name(spelling)
        let role = row.record.connection.role(transition.side).name
        let grade = transition.grade == .proved ? "" : " " + transition.grade.name
        writeTime(row.time, to: &sink)
        sink.write(
            "\(event.mark) \(role) \(change.left(25)) \(ends(row.record))\(grade)\(location?.text ?? "")"
                + "\(process.map { ", " + $0.visible } ?? "")\n")
    }

    /// Writes that a connection has become stuck, or is no longer.
    ///
    /// - Parameters:
    ///   - hasEnded: whether it is stuck no longer.
    ///   - time: when that was found.
    ///   - location: where it was seen, if that has a name.
    ///   - process: the local program that holds the socket, where it is known.
    public mutating func write(
        _ problem: FindingExample, hasEnded: Bool, at time: Timestamp, location: EventLocation?,
        process: String?, to sink: inout some Sink & ~Copyable
    ) {
        let finding = problem.finding
        if let json {
            let row = JSONRecords.StuckRow(
                problem: problem, hasEnded: hasEnded, time: time, location: location,
                process: process,
                group: FindingGroup(problem))
            sink.write(JSONRecords.stuck.line(row, json))
            return
        }
        writeTime(time, to: &sink)
        let age = Age(time - finding.since)
        let states =
            problem.client.state.name(spelling) + " / " + problem.server.state.name(spelling)
        let programs = process.map { ", " + $0.visible } ?? ""
        let before =
            problem.anomalies.contains(.presentBefore) ? ", present before the start" : ""
        sink.write(
            "\(hasEnded ? "." : "!") \(hasEnded ? "over: " : "")\(finding.diagnosis.name) for \(age)  "
                + "\(problem.name(.client)) → \(problem.name(.server))  \(states)"
                + "\(location?.text ?? "")\(before)\(programs)\n")
    }

    /// Writes what became of a finding: a group of connections with the same diagnosis of one service.
    ///
    /// - Parameters:
    ///   - change: `opened`, `grew` or `closed`.
    ///   - time: when that was found.
    public mutating func write(
        _ group: FindingGroup, change: String, at time: Timestamp,
        to sink: inout some Sink & ~Copyable
    ) {
        let hasEnded = change == "closed"
        if let json {
            let row = JSONRecords.FindingChangeRow(group: group, change: change, time: time)
            sink.write(JSONRecords.findingChange.line(row, json))
            return
        }
        writeTime(time, to: &sink)
        let service = group.key.service.map { " at \($0.name)" } ?? ""
        let rate = group.slope.map { slope in
            let tenths = Int((min(slope, 1e12) * 10).rounded())
            return ", \(tenths / 10).\(tenths % 10)/s"
        }
        sink.write(
            "\(hasEnded ? "." : "!") \(change): \(group.key.diagnosis.name)\(service), \(group.severity.name),"
                + " fault: \(group.key.fault.words);"
                + " \(Count(group.count).of("connection"))\(rate ?? ""), since"
                + " \(TimeText(group.oldest).clock(3))\n")
    }

    /// Writes that the kernel and the packets disagree about a local socket, or no longer do.
    ///
    /// - Parameters:
    ///   - local: the socket's own end; `remote`: its peer's.
    ///   - wire: its state by its packets, `kernel`: by the kernel; nil where there is none.
    ///   - process: the local program that holds it, where it is known.
    public mutating func write(
        _ disagreement: Disagreement, hasEnded: Bool, local: String, remote: String, wire: State?,
        kernel: State?, process: String?, at time: Timestamp, to sink: inout some Sink & ~Copyable
    ) {
        if let json {
            let row = JSONRecords.DisagreementRow(
                disagreement: disagreement, hasEnded: hasEnded, time: time, local: local,
                remote: remote, wire: wire, kernel: kernel, process: process)
            sink.write(JSONRecords.disagreement.line(row, json))
            return
        }
        writeTime(time, to: &sink)
        let states =
            "packets \(wire?.name(spelling) ?? "none"), kernel \(kernel?.name(spelling) ?? "none")"
        let programs = process.map { ", " + $0.visible } ?? ""
        sink.write(
            "\(hasEnded ? "." : "?") \(hasEnded ? "agrees again: " : "")\(local) ↔ \(remote)  \(states)"
                + "\(programs)\(hasEnded ? "" : ": " + disagreement.rule)\n")
    }

    /// Writes how many ends are in each state: all, and where this host has some of them, those apart.
    public mutating func write(
        _ counts: RoleCounts, at time: Timestamp, to sink: inout some Sink & ~Copyable
    ) {
        let isSplit = counts.hasLocals
        if let json {
            let row = JSONRecords.StatesRow(
                event: "states", time: time,
                states: (counts.clients + counts.servers).ofSockets,
                clients: counts.clients.ofSockets, servers: counts.servers.ofSockets,
                locals: isSplit ? counts.locals.ofSockets : nil,
                remotes: isSplit ? counts.remotes.ofSockets : nil)
            sink.write(JSONRecords.stateCounts.line(row, json))
            return
        }
        var table = StateCountsTable(spelling: spelling)
        if isSplit { sink.write("# local\n") }
        table.write(
            StateSample(
                time: time, counts: isSplit ? counts.locals : counts.clients + counts.servers),
            to: &sink)
        guard isSplit else { return }
        sink.write("# remote\n")
        table.write(StateSample(time: time, counts: counts.remotes), to: &sink)
    }

    /// Writes what happened to the capture itself.
    public mutating func write(
        notice: String, at time: Timestamp, to sink: inout some Sink & ~Copyable
    ) {
        if let json {
            sink.write(JSONRecords.notice.line((notice, time), json))
        } else {
            writeTime(time, to: &sink)
            sink.write("# \(notice.visible)\n")
        }
    }

    private func ends(_ record: ConnectionRecord) -> String {
        let opener = record.connection.opener
        return record.address(opener).text(port: record.port(opener)) + " → "
            + record.address(opener.peer).text(port: record.port(opener.peer))
    }

    private mutating func writeTime(_ time: Timestamp, to sink: inout some Sink & ~Copyable) {
        let text = TimeText(time)
        if text.date != date {
            date = text.date
            sink.write("# \(date)\n")
        }
        sink.write(text.clock(3) + " ")
    }
}
