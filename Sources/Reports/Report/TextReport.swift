internal import Diagnosis
internal import TCPState
internal import Wire

/// The report for people: what was read, the kinds of findings, then each kind, the worst first.
public struct TextReport: Format {
    let layout: TextLayout
    /// How many kinds are described, and how many services of each are listed; nil for all, with all the
    /// connections that are kept.
    let limit: Int?

    var palette: Palette { layout.palette }

    /// How many kinds are described unless the caller says otherwise.
    public static let standardLimit = 3

    /// - Parameter limit: how many kinds are described, and how many services of each are listed; nil for all,
    ///   with all the connections that are kept.
    public init(layout: TextLayout = TextLayout(), limit: Int? = standardLimit) {
        self.layout = layout
        self.limit = limit
    }

    /// Writes a report.
    public mutating func write(_ report: Report, to sink: inout some Sink & ~Copyable) {
        writeInput(report.input, to: &sink)
        for problem in report.problems {
            lines(palette.bad("Incomplete input: ") + problem.visible, to: &sink)
        }
        if let sentence = report.tap { lines(sentence, to: &sink) }
        if !report.filter.isAll {
            let matching = report.summary.endings.values.reduce(0, +)
            lines(
                "Only connections that match '\(report.filter.text.visible)': \(Count(matching)) of"
                    + " \(Count(report.input.connections)).", to: &sink)
        }
        guard report.input.connections > 0 else {
            sink.write("\nNo TCP connections.\n")
            writeQuality(report.quality, to: &sink)
            return
        }
        writeFindings(report, to: &sink)
        writeStates(report, to: &sink)
        writeEndings(report, to: &sink)
        writeQuality(report.quality, to: &sink)
    }

    private func writeInput(_ input: InputSummary, to sink: inout some Sink & ~Copyable) {
        let names = input.files.prefix(4).map { $0 == "-" ? "standard input" : $0 }
        for (index, name) in names.enumerated() {
            let number = input.files.count > 1 ? "\(index + 1)  " : ""
            let text = layout.fitted(number + name.visible, layout.columns)
            sink.write(palette.strong(text) + "\n")
        }
        if input.files.count > 4 {
            sink.write("and \(Count(input.files.count - 4).of("more file"))\n")
        }
        if input.files.count > 1 {
            lines(
                input.numbering.isContinuous
                    ? "Frame numbers continue from file to file, as after mergecap."
                    : "Frames are named FILE:NUMBER, since the files overlap in time.", to: &sink)
        }
        if let first = input.first, let last = input.last {
            let start = layout.time(first)
            let end = layout.time(last)
            let until = start.date == end.date ? end.clock(6) + end.zone : end.iso8601
            lines(
                "\(start.date)T\(start.clock(6))\(start.zone) to \(until)"
                    + " (\(Age(input.span)))", to: &sink)
        }
        lines(
            "\(Count(input.frames).of("frame")): \(Count(input.segments)) TCP,"
                + " \(Count(input.totalSetAside)) skipped;"
                + " \(Count(input.connections).of("connection"))", to: &sink)
        if !input.setAside.isEmpty {
            let reasons = input.setAside.map { "\(Count($0.frames)) \($0.reason.words)" }
            lines("Skipped: " + reasons.joined(separator: ", ") + ".", to: &sink)
        }
        if input.skipped > 0 {
            lines("\(Count(input.skipped).of("frame")) did not match the filter.", to: &sink)
        }
        if input.evicted > 0 {
            lines(
                "The connection table was full: \(Count(input.evicted).of("connection")) removed"
                    + " early. Raise --max-connections.", to: &sink)
        }
    }

    private func writeStates(_ report: Report, to sink: inout some Sink & ~Copyable) {
        let summary = report.summary
        var parts = [("clients", summary.clients), ("servers", summary.servers)]
        if summary.localAddresses.isEmpty {
            parts.append(("both ends", summary.clients + summary.servers))
        } else {
            parts += [("local", summary.locals), ("remote", summary.remotes)]
        }
        let width = min(28, max(19, (layout.columns - 2) / parts.count))
        let perLine = max(1, (layout.columns - 2) / width)
        sink.write("\n" + palette.strong("States at the end of the capture") + "\n")
        for start in stride(from: 0, to: parts.count, by: perLine) {
            let shown = parts[start..<min(start + perLine, parts.count)]
            let cells = shown.map { part in
                part.1.present.map { row in
                    row.state.name(report.spelling).left(12)
                        + Count(row.count).description.right(6)
                }
            }
            sink.write("  " + line(shown.map(\.0), width) + "\n")
            for row in 0..<(cells.map(\.count).max() ?? 0) {
                sink.write("  " + line(cells.map { row < $0.count ? $0[row] : "" }, width) + "\n")
            }
        }
    }

    private func line(_ cells: [String], _ width: Int) -> String {
        cells.map { $0.left(width) }.joined().withoutTrailingSpaces
    }

    private func writeEndings(_ report: Report, to sink: inout some Sink & ~Copyable) {
        sink.write("\n" + palette.strong("How connections ended") + "\n")
        for ending in Ending.allCases {
            guard let count = report.summary.endings[ending] else { continue }
            sink.write("  " + ending.words.left(18) + Count(count).description.right(10) + "\n")
        }
    }

    func lines(
        _ text: String, indent: Int = 0, hanging: Int = 0, to sink: inout some Sink & ~Copyable
    ) {
        for line in layout.wrapped(text, indent: indent, hanging: hanging) {
            sink.write(line + "\n")
        }
    }
}

extension SetAside {
    /// The reason in words.
    var words: String {
        switch self {
        case .notIP: "not IP"
        case .notTCP: "not TCP"
        case .icmp: "ICMP"
        case .ipFragment: "later IP fragments"
        case .unknownLinkType: "of an unknown link type"
        case .linkHeaderCut: "cut in the link-layer header"
        case .ipHeaderCut: "cut in the IP header"
        case .tcpHeaderCut: "cut in the TCP header"
        case .badLinkHeader: "with a bad link-layer header"
        case .badIPHeader: "with a bad IP header"
        case .badTCPHeader: "with a bad TCP header"
        case .encrypted: "encrypted"
        case .nestedTooDeep: "nested too deeply"
        }
    }
}
