internal import Diagnosis
internal import TCPState
internal import Wire

/// The report for people: 80 columns, the worst first.
public struct TextReport: Format {
    let palette: Palette
    /// Whether every finding is shown at length, with all its connections that are kept.
    let showsAll: Bool

    /// - Parameter showsAll: whether every finding is shown at length, with all its connections that
    ///   are kept; otherwise the worst three.
    public init(palette: Palette = .plain, showsAll: Bool = false) {
        self.palette = palette
        self.showsAll = showsAll
    }

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        writeAccount(report.account, to: &sink)
        if let sentence = report.tap { lines(sentence, to: &sink) }
        guard report.account.connections > 0 else {
            sink.write("\nNo TCP connections.\n")
            writeQuality(report.quality, to: &sink)
            return
        }
        writeFindings(report, to: &sink)
        writeStates(report, to: &sink)
        writeEndings(report, to: &sink)
        writeQuality(report.quality, to: &sink)
    }

    private func writeAccount(_ account: InputSummary, to sink: inout some Sink & ~Copyable) {
        let names = account.files.prefix(4).map { $0 == "-" ? "standard input" : $0 }
        for (index, name) in names.enumerated() {
            let number = account.files.count > 1 ? "\(index + 1)  " : ""
            sink.write(palette.strong((number + name.visible).elided(columns)) + "\n")
        }
        if account.files.count > 1, account.numbering.isContinuous {
            lines("Frames count on from file to file, as mergecap numbers them.", to: &sink)
        }
        if account.files.count > 4 { sink.write("… and \(account.files.count - 4) more files\n") }
        if let first = account.first, let last = account.last {
            let start = TimeText(first)
            let end = TimeText(last)
            let sameDay = start.date == end.date
            let until = sameDay ? end.clock(6) + "Z" : end.iso8601
            sink.write(
                "\(start.date)T\(start.clock(6))Z to \(until), \(Age(account.span))\n")
        }
        sink.write(
            "\(plural(account.frames, "frame")) = \(plural(account.segments, "TCP segment"))"
                + " + \(account.totalSetAside) set aside; "
                + "\(plural(account.connections, "connection"))\n")
        if !account.setAside.isEmpty {
            let reasons = account.setAside.map { "\($0.reason.rawValue) \($0.frames)" }
            lines("set aside: " + reasons.joined(separator: ", "), to: &sink)
        }
        if account.skipped > 0 {
            sink.write("\(plural(account.skipped, "frame")) skipped by the filter\n")
        }
        if account.evicted > 0 {
            lines(
                "\(plural(account.evicted, "connection")) had to leave the full table early:"
                    + " raise --max-connections.", to: &sink)
        }
    }

    private func writeStates(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let overview = report.overview
        var parts = [("clients", overview.clients), ("servers", overview.servers)]
        if overview.localAddresses.isEmpty {
            parts.append(("both ends", overview.clients + overview.servers))
        } else {
            parts += [("local", overview.locals), ("remote", overview.remotes)]
        }
        let width = columns / parts.count
        let cells = parts.map { part in
            part.1.present.map { row in
                row.state.name(report.spelling).left(12) + " " + String(row.count).right(5)
            }
        }
        sink.write("\n" + palette.strong("States at the end of the capture") + "\n")
        sink.write("  " + line(parts.map(\.0), width) + "\n")
        for row in 0..<(cells.map(\.count).max() ?? 0) {
            sink.write("  " + line(cells.map { row < $0.count ? $0[row] : "" }, width) + "\n")
        }
    }

    private func line(_ cells: [String], _ width: Int) -> String {
        var text = cells.dropLast().map { $0.left(width) }.joined() + (cells.last ?? "")
        while text.last == " " { text.removeLast() }
        return text
    }

    private func writeEndings(_ report: Report, to sink: inout some Sink & ~Copyable) {
        sink.write("\n" + palette.strong("How connections ended") + "\n")
        for ending in Ending.allCases {
            guard let count = report.overview.endings[ending] else { continue }
            sink.write("  " + ending.words.left(18) + String(count).right(8) + "\n")
        }
    }

    func lines(_ text: String, indent: Int = 0, to sink: inout some Sink & ~Copyable) {
        for line in wrapped(text, indent: indent) { sink.write(line + "\n") }
    }
}

/// A number and its noun.
func plural(_ count: UInt64, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
