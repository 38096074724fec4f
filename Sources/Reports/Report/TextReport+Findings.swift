public import Diagnosis
internal import TCPState
internal import Wire

extension TextReport {
    /// Writes a line for each kind of finding, the worst first, then describes the first few kinds.
    func writeFindings(_ report: Report, to sink: inout some Sink & ~Copyable) {
        // The worst come first.
        let severities = report.findings.indices.map { report.findings[$0].severity }
        let harmful = severities.count { $0 != .benign }
        let kinds = FindingKind.kinds(of: report.findings[..<harmful])
        let benign = FindingKind.kinds(of: report.findings[harmful...])
        guard !kinds.isEmpty else {
            sink.write(
                "\n" + palette.good(report.isNarrowed ? "No such findings." : "No findings."))
            sink.write("\n")
            lines(
                "Examined \(Count(report.input.connections).of("connection")) for teardown, resets,"
                    + " handshakes, stalls, keepalives and middleboxes.", to: &sink)
            writeBenign(benign, to: &sink)
            return
        }
        let counts = Severity.allCases.filter { $0 != .benign }.compactMap { severity in
            let count = severities.count { $0 == severity }
            return count > 0 ? "\(Count(count)) \(severity.name)" : nil
        }
        sink.write("\n")
        lines(palette.strong("Findings: ") + counts.joined(separator: ", "), to: &sink)
        writeTable(kinds, to: &sink)
        let described = kinds.prefix(limit ?? kinds.count)
        for kind in described { write(kind, of: report, to: &sink) }
        if described.count < kinds.count {
            sink.write("\n")
            lines(
                "Not described: \(Count(kinds.count - described.count).of("kind")) of findings"
                    + " (--top N, --kind NAME, --all).", to: &sink)
        }
        writeBenign(benign, to: &sink)
    }

    /// A line for each kind: how bad, how many, and where it is worst.
    private func writeTable(_ kinds: [FindingKind], to sink: inout some Sink & ~Copyable) {
        guard kinds.count > 1 || kinds[0].groups.count > 1 else { return }
        let name = kinds.map(\.name.count).max() ?? 0
        let connections = max(5, kinds.map { Count($0.connections).description.count }.max() ?? 0)
        let services = max(8, kinds.map { Count($0.groups.count).description.count }.max() ?? 0)
        // A narrow terminal has room for how many connections and where.
        let isNarrow = layout.columns < 76
        let room = layout.columns - 11 - name - connections - (isNarrow ? 0 : services + 11)
        let head =
            "SEVERITY " + "KIND".left(name) + " " + "CONNS".right(connections)
            + (isNarrow ? "" : " " + "SERVICES".right(services) + " " + "FAULT".left(9))
            + " WORST SERVICE"
        sink.write(palette.faint(head.withoutTrailingSpaces) + "\n")
        for kind in kinds {
            let worst = kind.groups[0]
            sink.write(
                paint(worst.severity.name.left(8), worst.severity) + " " + kind.name.left(name)
                    + " " + Count(kind.connections).description.right(connections)
                    + (isNarrow
                        ? ""
                        : " " + Count(kind.services).description.right(services) + " "
                            + worst.key.fault.words.left(9))
                    + " " + layout.fitted(worst.serviceName, max(12, room)) + "\n")
        }
    }

    /// What was recognised as nothing wrong.
    private func writeBenign(_ kinds: [FindingKind], to sink: inout some Sink & ~Copyable) {
        guard !kinds.isEmpty else { return }
        sink.write("\n" + palette.good("Looks odd, is normal") + "\n")
        for kind in kinds {
            let group = kind.groups[0]
            let rest = kind.groups.count - 1
            lines(
                "\(kind.name): \(Count(kind.connections).of("connection")) at \(group.serviceName)"
                    + (rest > 0 ? " and \(Count(rest).of("other service"))" : "")
                    + ". \(group.sentence)", indent: 2, hanging: 2, to: &sink)
        }
    }

    /// Describes a kind by its worst service and lists the others: facts first, then the verdict, the
    /// evidence, what to rule out, and what to do.
    private func write(
        _ kind: FindingKind, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let group = kind.groups[0]
        sink.write("\n" + paint("\(kind.name) at \(group.serviceName)", group.severity) + "\n")
        lines(facts(group, report), indent: 2, to: &sink)
        lines(group.verdict, indent: 2, to: &sink)
        lines(group.sentence, indent: 2, to: &sink)
        writeExamples(group, of: report, to: &sink)
        let doubts = report.doubts(about: group).map(\.title)
        if !doubts.isEmpty {
            lines(
                "Uncertain in this capture: \(doubts.joined(separator: ", ")).", indent: 2,
                to: &sink
            )
        }
        if group.grade == .proved, !group.refutations.isEmpty {
            let facts = group.refutations.map { refutation in
                let frame = refutation.fact.frame.map {
                    " (frame \(report.input.numbering.number($0)))"
                }
                return "\(refutation.explanation.name): \(refutation.fact.words)\(frame ?? "")"
            }
            lines("Ruled out: \(facts.joined(separator: "; ")).", indent: 2, to: &sink)
        }
        if !group.refutation.isEmpty {
            lines("Rule out first: \(group.refutation).", indent: 2, to: &sink)
        }
        for step in group.remedy { lines("→ " + step, indent: 2, hanging: 2, to: &sink) }
        let filter = report.displayFilter(of: group) + report.filterCoverage(of: group)
        lines(palette.faint("Wireshark: \(filter)"), indent: 2, hanging: 2, to: &sink)
        writeOthers(kind, of: report, to: &sink)
    }

    /// The services of a kind after the first.
    private func writeOthers(
        _ kind: FindingKind, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let others = kind.groups.dropFirst()
        guard !others.isEmpty else { return }
        let shown = others.prefix(limit ?? others.count)
        lines("Also at \(Count(others.count).of("other service")):", indent: 2, to: &sink)
        let width = max(5, shown.map { Count($0.count).description.count }.max() ?? 0)
        for group in shown {
            let tail = " fault: \(group.key.fault.words), \(group.grade.name)"
            let room = max(12, layout.columns - width - 14 - tail.count)
            sink.write(
                "    " + Count(group.count).description.right(width) + " "
                    + paint(group.severity.name.left(8), group.severity) + " "
                    + layout.fitted(group.serviceName, room).left(min(28, room)) + tail + "\n")
            guard limit == nil else { continue }
            writeExamples(group, of: report, to: &sink)
        }
        if shown.count < others.count {
            lines(
                "\(Count(others.count - shown.count)) more (--all, --service ADDRESS:PORT)",
                indent: 4, to: &sink)
        }
    }

    /// `30 connections since 01:02:42 (22.3 s before the capture ends), growing by 2.0/s; client FIN_WAIT2,
    /// server CLOSE_WAIT`.
    private func facts(_ group: FindingGroup, _ report: Report) -> String {
        var text =
            Count(group.count).of("connection") + (group.count == 1 ? " since " : ", first at ")
            + since(group.oldest, report)
        if group.presentBefore > 0 {
            text += ", \(Count(group.presentBefore)) present before the start"
        }
        if let slope = group.slope {
            let tenths = Int((slope * 10).rounded())
            // What is over does not grow: it happens.
            let isOpen = group.examples.first?.waitState?.waitsFor != nil
            text += ", \(isOpen ? "growing by " : "")\(Count(tenths / 10)).\(tenths % 10)/s"
        }
        let states = group.statesByCount.prefix(3).map { row in
            let pair =
                "client \(row.states.client.name(report.spelling)),"
                + " server \(row.states.server.name(report.spelling))"
            return group.states.entries.count == 1 ? pair : "\(Count(row.count)) with \(pair)"
        }
        return text + "; " + states.joined(separator: "; ")
    }

    /// `01:02:42 (22.3 s before the capture ends)`, with the date where the capture has several.
    private func since(_ time: Timestamp, _ report: Report) -> String {
        let text = layout.time(time)
        let isOneDay =
            report.input.first.map { layout.time($0).date } == text.date
            && layout.time(report.end).date == text.date
        let age = Age(report.end - time)
        return (isOneDay ? "" : text.date + " ") + text.clock(0)
            + " (\(age) before the capture ends)"
    }

    private func paint(_ text: String, _ severity: Severity) -> String {
        switch severity {
        case .critical: palette.bad(text)
        case .warning: palette.odd(text)
        case .notice: palette.strong(text)
        case .benign: palette.good(text)
        }
    }
}

extension FindingGroup {
    /// The service, or what else it is about.
    var serviceName: String { key.service?.name ?? "the capture" }

    /// `critical. Fault: server (evidence: assumed). The server application never closes its sockets.`
    var verdict: String {
        let also = key.diagnosis.otherName.map { " (seen from the other side: \($0))" } ?? ""
        return "\(severity.name). Fault: \(key.fault.words) (evidence: \(grade.name))."
            + " \(title.capitalisedFirst)\(also)."
    }
}

extension Service {
    /// Address and port; the address alone where it stands for all ports.
    public var name: String { port == 0 ? "\(address)" : address.text(port: port) }
}
