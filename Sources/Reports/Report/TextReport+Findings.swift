public import Diagnosis
internal import TCPState
internal import Wire

extension TextReport {
    /// How many findings are shown at length, unless all are.
    static let shownAtLength = 3
    /// How many have a line, unless all have.
    static let summarised = 20

    /// Writes a line for each finding, the worst first, then each with a few of its connections.
    func writeFindings(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let groups = report.findings.filter { $0.severity != .benign }
        let benign = report.findings.filter { $0.severity == .benign }
        guard !groups.isEmpty else {
            sink.write("\n" + palette.good("No findings.") + "\n")
            lines(
                "Looked at \(plural(report.account.connections, "connection")): teardown, resets,"
                    + " handshakes, stalls, keepalives, middleboxes.", to: &sink)
            writeBenign(benign, to: &sink)
            return
        }
        let counts = Severity.allCases.compactMap { severity in
            let count = groups.count { $0.severity == severity }
            return count > 0 ? "\(count) \(severity.name)" : nil
        }
        sink.write("\n" + palette.strong("Findings: ") + counts.joined(separator: ", ") + "\n")
        let atLength = showsAll ? groups[...] : groups.prefix(TextReport.shownAtLength)
        if groups.count > 1 {
            for group in groups.prefix(showsAll ? groups.count : TextReport.summarised) {
                writeSummary(group, to: &sink)
            }
        }
        for group in atLength { write(group, of: report, to: &sink) }
        if atLength.count < groups.count {
            let rest = UInt64(groups.count - atLength.count)
            sink.write("\n… and \(plural(rest, "finding")) more: --all\n")
        }
        writeBenign(benign, to: &sink)
    }

    private func writeSummary(_ group: FindingGroup, to sink: inout some Sink & ~Copyable) {
        let service = group.key.service?.name ?? "the capture"
        sink.write(
            String(group.count).right(6) + " " + paint(group.severity.name.left(8), group.severity)
                + " " + group.key.diagnosis.name.left(24) + " " + service.elided(27).left(27)
                + " " + group.key.fault.rawValue + "\n")
    }

    /// What was recognised as nothing wrong.
    private func writeBenign(_ groups: [FindingGroup], to sink: inout some Sink & ~Copyable) {
        guard !groups.isEmpty else { return }
        sink.write("\n" + palette.good("Nothing wrong with") + "\n")
        for group in groups.prefix(showsAll ? groups.count : 5) {
            let service = group.key.service?.name ?? ""
            lines(
                "\(group.count) × \(group.key.diagnosis.name) at \(service): \(group.sentence)",
                indent: 2, to: &sink)
        }
        if groups.count > 5, !showsAll {
            sink.write("  … and \(groups.count - 5) more: --all\n")
        }
    }

    private func write(
        _ group: FindingGroup, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let place = group.key.service.map { " at \($0.name)" } ?? ""
        let head = "\(group.key.diagnosis.name)\(place)"
        sink.write("\n" + paint(head, group.severity) + "\n")
        let also = group.key.diagnosis.otherName.map { " (\($0) from the other end)" } ?? ""
        lines(
            "\(group.severity.name), fault: \(group.key.fault.rawValue), \(group.grade.name):"
                + " \(group.title)\(also)", indent: 2, to: &sink)
        lines(numbers(group, report), indent: 2, to: &sink)
        lines(group.sentence, indent: 2, to: &sink)
        let namesServer = group.key.service.map { $0.port == 0 } ?? true
        let shown = showsAll ? group.examples[...] : group.examples.prefix(3)
        for example in shown {
            write(example, namesServer: namesServer, of: report, to: &sink)
        }
        let rest = group.count - min(group.count, UInt64(shown.count))
        if rest > 0 { sink.write("    … and \(rest) more\(showsAll ? "" : ": --all")\n") }
        let doubts = report.doubts(about: group).map(\.title)
        if !doubts.isEmpty {
            lines(
                "Doubtful in this capture: \(doubts.joined(separator: ", ")).", indent: 2, to: &sink
            )
        }
        if group.grade == .proved, !group.refutations.isEmpty {
            let facts = group.refutations.map { refutation in
                let frame = refutation.fact.frame.map {
                    " (frame \(report.account.numbering.number($0)))"
                }
                return "\(refutation.explanation.name): \(refutation.fact.words)\(frame ?? "")"
            }
            lines("Ruled out: \(facts.joined(separator: "; ")).", indent: 2, to: &sink)
        }
        if !group.refutation.isEmpty {
            lines("Not so if: \(group.refutation).", indent: 2, to: &sink)
        }
        for step in group.remedy { lines("→ " + step, indent: 2, to: &sink) }
        lines(palette.faint("Wireshark: \(report.displayFilter(of: group))"), indent: 2, to: &sink)
    }

    /// `30 connections, oldest 22.3 s, 1.4/s; FIN_WAIT2 / CLOSE_WAIT 30`
    private func numbers(_ group: FindingGroup, _ report: Report) -> String {
        var text =
            "\(plural(group.count, "connection")), oldest"
            + " \(Age(report.end - group.oldest)) ago"
        if group.presentBefore > 0 {
            text += ", \(group.presentBefore) of them present before the start"
        }
        if let slope = group.slope {
            let tenths = Int(slope * 10 + 0.5)
            text += ", \(tenths / 10).\(tenths % 10)/s"
        }
        let states = group.statesByCount.prefix(3).map { row in
            let client = row.states.client.name(report.spelling)
            let server = row.states.server.name(report.spelling)
            return group.states.entries.count == 1
                ? "\(client) / \(server)" : "\(client) / \(server) \(row.count)"
        }
        return text + "; " + states.joined(separator: ", ")
    }

    /// `    10.1.1.101:35681             22.3 s ago, frames 10, 12, tcp.stream eq 0`; where the
    /// addresses are long, on two lines.
    private func write(
        _ example: FindingExample, namesServer: Bool, of report: Report,
        to sink: inout some Sink & ~Copyable
    ) {
        let finding = example.finding
        let numbers = [finding.frame, finding.laterFrame].compactMap { $0 }.filter { $0 != 0 }.map {
            report.account.numbering.text($0)
        }
        let local = report.localRole(of: example)
        let mark = { (role: Role) in local == role.name || local == "both" ? ">" : "" }
        let server = mark(.server) + example.name(.server)
        let ends =
            mark(.client) + example.name(.client)
            + (namesServer || server.hasPrefix(">") ? " → " + server : "")
        let age = Age(report.end - finding.since).description + " ago"
        let frames = (numbers.count == 1 ? "frame " : "frames ") + numbers.joined(separator: ", ")
        let guess = example.areRolesKnown ? "" : "  (roles by port)"
        // What was there before the start has no frame, and no stream of a file.
        let proof =
            numbers.isEmpty
            ? "present before the start" : "\(frames), \(report.displayFilter(of: example))"
        let owner = example.process.map { ", " + $0 } ?? ""
        let tail = "\(age), \(proof)\(owner)\(guess)"
        if ends.count + tail.count + 6 <= columns {
            let width = max(ends.count + 2, min(28, columns - tail.count - 4))
            sink.write("    " + ends.left(width) + palette.faint(tail) + "\n")
        } else {
            lines(ends, indent: 4, to: &sink)
            lines(tail, indent: 6, to: &sink)
        }
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

extension Service {
    /// Address and port; the address alone where it stands for all ports.
    public var name: String { port == 0 ? "\(address)" : address.text(port: port) }
}
