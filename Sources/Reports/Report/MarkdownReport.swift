internal import Diagnosis
internal import TCPState
internal import Wire

/// The findings as Markdown, for a ticket: CommonMark with tables.
public struct MarkdownReport: Format {
    /// Makes one.
    public init() {}

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let input = report.input
        let names = input.files.map { code($0) }.joined(separator: ", ")
        sink.write("## TCP findings in \(names)\n\n")
        if let first = input.first, let last = input.last {
            sink.write(
                "\(TimeText(first).iso8601) to \(TimeText(last).iso8601),"
                    + " \(Count(input.frames).of("frame")),"
                    + " \(Count(input.connections).of("connection")).")
            sink.write((report.tap.map { " \($0)" } ?? "") + "\n\n")
        }
        for problem in report.problems {
            sink.write("> **Incomplete input**: \(code(problem))\n\n")
        }
        if !report.filter.isAll {
            sink.write("Only connections that match \(code(report.filter.text)).\n\n")
        }
        let groups = report.findings
        guard groups.contains(where: { $0.severity != .benign }) else {
            sink.write(report.isNarrowed ? "No such findings.\n" : "No findings.\n")
            return
        }
        sink.write("| severity | finding | service | connections | fault | evidence |\n")
        sink.write("| --- | --- | --- | ---: | --- | --- |\n")
        for group in groups {
            let service = group.key.service.map { code($0.name) } ?? ""
            sink.write(
                "| \(group.severity.name) | \(group.key.diagnosis.name) | \(service)"
                    + " | \(Count(group.count)) | \(group.key.fault.words) | \(group.grade.name) |\n"
            )
        }
        for group in groups where group.severity != .benign { write(group, report, to: &sink) }
    }

    private func write(
        _ group: FindingGroup, _ report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let service = group.key.service.map { " at \(code($0.name))" } ?? ""
        sink.write("\n### \(group.key.diagnosis.name)\(service)\n\n\(group.sentence)\n\n")
        sink.write("| client | server | states | since | frame | display filter |\n")
        sink.write("| --- | --- | --- | --- | ---: | --- |\n")
        for example in group.examples {
            let states = Role.allCases.map { example[$0].state.name(report.spelling) }
            let frame = report.input.numbering.text(example.finding.frame)
            sink.write(
                "| \(code(example.name(.client))) | \(code(example.name(.server)))"
                    + " | \(states.joined(separator: " / "))"
                    + " | \(TimeText(example.finding.since).iso8601)"
                    + " | \(frame)"
                    + " | \(code(report.displayFilter(of: example))) |\n")
        }
        let rest = group.count - min(group.count, UInt64(group.examples.count))
        if rest > 0 { sink.write("\nAnd \(Count(rest)) more.\n") }
        if !group.refutation.isEmpty { sink.write("\nRule out first: \(group.refutation).\n") }
        if !group.remedy.isEmpty { sink.write("\n") }
        for step in group.remedy { sink.write("- [ ] \(step)\n") }
    }

    /// Text between backquotes, that cannot end a table's cell or a line.
    private func code(_ text: String) -> String {
        let plain = text.visible.unicodeScalars.map { $0 == "`" ? "?" : $0 }
        let safe = String(String.UnicodeScalarView(plain))
        return "`"
            + safe.split(separator: "|", omittingEmptySubsequences: false)
            .joined(separator: "\\|") + "`"
    }
}
