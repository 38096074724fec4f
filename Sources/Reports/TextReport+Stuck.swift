internal import Diagnosis
internal import TCPState
internal import Wire

extension TextReport {
    /// Writes the half-closed and stuck connections: a line for each group, then each group with its
    /// oldest connections.
    func writeStuck(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let stuck = report.overview.stuck
        guard !stuck.isEmpty else {
            sink.write("\n" + palette.good("No connection is half-closed or stuck.") + "\n")
            return
        }
        let working = stuck.count { $0.situation.owing == nil }
        let note = working > 0 ? ", \(working) of them at work" : ""
        sink.write(
            "\n" + palette.strong("Half-closed or stuck: \(stuck.count)")
                + " of \(plural(report.account.connections, "connection"))\(note)\n")
        let groups = report.groups
        if groups.count > 1 {
            for group in groups.prefix(limit == nil ? groups.count : 20) {
                writeSummary(group, report, to: &sink)
            }
        }
        let shown = limit == nil ? groups[...] : groups.prefix(20)
        for group in shown { write(group, of: report, to: &sink) }
        if shown.count < groups.count {
            let rest = groups[shown.count...].reduce(0) { $0 + $1.connections.count }
            sink.write(
                "\n… and \(plural(UInt64(rest), "connection")) in"
                    + " \(plural(UInt64(groups.count - shown.count), "group")) more: --all\n")
        }
    }

    private func writeSummary(
        _ group: Report.Group, _ report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let key = group.key
        let service = key.address.text(port: key.port).elided(27).left(27)
        sink.write(
            String(group.connections.count).right(5) + " "
                + states(key, report).elided(25).left(25) + " " + service + " "
                + colour(key, key.situation.title) + "\n")
    }

    private func write(
        _ group: Report.Group, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let key = group.key
        let head = "\(group.connections.count) × \(states(key, report))"
        sink.write("\n" + colour(key, head) + "  \(key.situation.title)\n")
        let oldest = Age(nanoseconds: report.end - group.connections[0].since)
        let service = key.address.text(port: key.port)
        sink.write(palette.faint("server \(service), oldest \(oldest)") + "\n")
        let shown = limit.map { group.connections.prefix($0) } ?? group.connections[...]
        for stuck in shown { write(stuck, of: report, to: &sink) }
        let rest = group.connections.count - shown.count
        if rest > 0 { sink.write("  … and \(rest) more: --all\n") }
    }

    private func states(_ key: Report.Group.Key, _ report: Report) -> String {
        "\(key.client.name(report.spelling)) / \(key.server.name(report.spelling))"
    }

    private func colour(_ key: Report.Group.Key, _ text: String) -> String {
        key.situation.owing == nil ? palette.good(text) : palette.bad(text)
    }

    private func write(
        _ stuck: StuckConnection, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        for role in Role.allCases { writeEnd(role, of: stuck, report, to: &sink) }
        let frame = FrameReference(rawValue: stuck.frame).text(files: report.account.files.count)
        let when = "since \(TimeText(stuck.since).iso8601), frame \(frame)"
        let filter = report.displayFilter(of: stuck)
        let isShort = when.count + filter.count + 2 <= columns - 4
        lines(isShort ? "\(when), \(filter)" : when, indent: 4, to: &sink)
        if !isShort { lines(filter, indent: 4, to: &sink) }
        let unacknowledged = Role.allCases.filter { stuck[$0].hasBytesOnTheWay }.map {
            "\(stuck[$0].unacknowledgedBytes) of the \($0.name)"
        }
        if !unacknowledged.isEmpty {
            lines(
                "unacknowledged bytes: \(unacknowledged.joined(separator: ", "))", indent: 4,
                to: &sink)
        }
        let sentence = stuck.sentence(at: report.end) { role in
            stuck[role].address.text(port: stuck[role].port)
        }
        lines(sentence, indent: 4, to: &sink)
        if !stuck.areRolesKnown {
            lines("Client and server by port numbers: no handshake seen.", indent: 4, to: &sink)
        }
    }

    /// `  server 10.1.1.2:8080  CLOSE_WAIT  18.4 s`, with `>` at a local end. The longest IPv6 address
    /// and port leave just enough room for state and age.
    private func writeEnd(
        _ role: Role, of stuck: StuckConnection, _ report: Report,
        to sink: inout some Sink & ~Copyable
    ) {
        let end = stuck[role]
        let isLocal = report.overview.localAddresses.contains(end.address)
        let name = (isLocal ? "> " : "  ") + role.name + " "
        let text = end.address.text(port: end.port)
        let state = end.state.name(report.spelling).left(12)
        let isKnown = end.state != .unknown
        let age =
            isKnown ? Age(nanoseconds: report.end - end.since).description.right(8) : "-".right(8)
        let grade = end.grade == .proved || !isKnown ? "" : " " + end.grade.name
        let width = max(28, text.count)
        let room = columns - name.count - width - 22
        sink.write(
            name + text.left(width) + " "
                + (stuck.situation.owing == role ? palette.odd(state) : state) + " " + age
                + (grade.count <= room ? palette.faint(grade) : "") + "\n")
    }
}

extension StuckConnection.End {
    /// Whether it sent data or a FIN that is not acknowledged; a SYN alone is not worth a line.
    fileprivate var hasBytesOnTheWay: Bool {
        unacknowledgedBytes > (state == .synSent || state == .synReceived ? 1 : 0)
    }
}
