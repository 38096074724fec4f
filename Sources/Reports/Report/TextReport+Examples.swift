internal import Diagnosis
internal import TCPState
internal import Wire

extension TextReport {
    /// Writes the connections of a group that are kept, a few of them unless all are wanted.
    func writeExamples(
        _ group: FindingGroup, of report: Report, to sink: inout some Sink & ~Copyable
    ) {
        let namesServer = group.key.service.map { $0.port == 0 } ?? true
        let shown = limit == nil ? group.examples[...] : group.examples.prefix(3)
        for example in shown {
            write(example, namesServer: namesServer, of: report, to: &sink)
        }
        let rest = group.count - min(group.count, UInt64(shown.count))
        if rest > 0 { sink.write("    \(Count(rest)) more\(limit == nil ? "" : " (--all)")\n") }
    }

    /// `    10.1.1.101:35681             01:02:42, frames 10, 12, tcp.stream eq 0`; where the addresses are
    /// long, on two lines.
    private func write(
        _ example: FindingExample, namesServer: Bool, of report: Report,
        to sink: inout some Sink & ~Copyable
    ) {
        let finding = example.finding
        let numbers = [finding.frame, finding.laterFrame].compactMap { $0 }.filter { $0 != 0 }.map {
            report.input.numbering.text($0)
        }
        let local = report.localRole(of: example)
        let mark = { (role: Role) in local == role.name || local == "both" ? ">" : "" }
        let server = mark(.server) + example.name(.server)
        let ends =
            mark(.client) + example.name(.client)
            + (namesServer || server.hasPrefix(">") ? " → " + server : "")
        let frames = (numbers.count == 1 ? "frame " : "frames ") + numbers.joined(separator: ", ")
        let guess = example.areRolesKnown ? "" : "  (roles by port)"
        // What was there before the start has no frame, and no stream of a file.
        let proof =
            numbers.isEmpty
            ? "present before the start" : "\(frames), \(report.displayFilter(of: example))"
        let programs = example.process.map { ", " + $0 } ?? ""
        let tail = "\(layout.time(finding.since).clock(3)), \(proof)\(programs)\(guess)"
        if ends.count + tail.count + 6 <= layout.columns {
            let width = max(ends.count + 2, min(28, layout.columns - tail.count - 4))
            sink.write("    " + ends.left(width) + palette.faint(tail) + "\n")
        } else {
            lines(ends, indent: 4, to: &sink)
            lines(tail, indent: 6, to: &sink)
        }
    }
}
