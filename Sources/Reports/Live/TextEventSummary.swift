internal import Diagnosis
public import TCPState
internal import Wire

/// What the lines of a live run add up to, for people: findings, stuck connections, states over time, capture problems.
public struct TextEventSummary: Format {
    private let spelling: StateSpelling
    private let layout: TextLayout
    private var palette: Palette { layout.palette }

    /// - Parameters:
    ///   - spelling: how states are spelled.
    ///   - layout: how lines are laid out.
    public init(spelling: StateSpelling = .netstat, layout: TextLayout = TextLayout()) {
        self.spelling = spelling
        self.layout = layout
    }

    /// As many rows of each kind are printed.
    private static let limit = 30

    /// Writes the summary.
    public mutating func write(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        guard let first = summary.first, let last = summary.last else {
            sink.write("No events.\n")
            return
        }
        lines(
            "\(layout.time(first).iso8601) to \(layout.time(last).iso8601) (\(Age(last - first))),"
                + " \(Count(summary.lines).of("line"))", to: &sink)
        writeFindings(summary.orderedFindings, to: &sink)
        writeStuck(summary.orderedStuck, to: &sink)
        if !summary.changes.isEmpty {
            let counts = summary.changes.sorted { $0.key < $1.key }
                .map { "\(Count($0.value)) \($0.key.visible)" }
            sink.write("\n")
            lines("State changes: \(counts.joined(separator: ", "))", hanging: 2, to: &sink)
        }
        if summary.noticeCount > 0 {
            heading("Capture messages: \(Count(summary.noticeCount))", to: &sink)
            for notice in summary.notices.prefix(TextEventSummary.limit) {
                lines(
                    "\(clock(notice.time)) \(notice.text.visible)", indent: 2, hanging: 9, to: &sink
                )
            }
            writeRest(summary.noticeCount, to: &sink)
        }
        if !summary.samples.isEmpty {
            heading("States", to: &sink)
            var series = StateSeries(spelling: spelling)
            series.write(summary.samples, to: &sink)
        }
    }

    private func clock(_ time: Timestamp) -> String { layout.time(time).clock(0) }

    private func heading(_ text: String, to sink: inout some Sink & ~Copyable) {
        sink.write("\n" + palette.strong(text) + "\n")
    }

    private func lines(
        _ text: String, indent: Int = 0, hanging: Int = 0, to sink: inout some Sink & ~Copyable
    ) {
        for line in layout.wrapped(text, indent: indent, hanging: hanging) {
            sink.write(line + "\n")
        }
    }

    private func writeRest(_ count: Int, to sink: inout some Sink & ~Copyable) {
        let rest = count - TextEventSummary.limit
        if rest > 0 { sink.write("  \(Count(rest)) more\n") }
    }

    private func writeFindings(
        _ rows: [EventSummary.FindingRow], to sink: inout some Sink & ~Copyable
    ) {
        heading("Findings: \(Count(rows.count))", to: &sink)
        for row in rows.prefix(TextEventSummary.limit) {
            let service = row.service.isEmpty ? "" : " at \(row.service.visible)"
            let end = row.last.map { "until \(clock($0))" } ?? "still there when the log ends"
            let times = row.times > 1 ? ", began \(Count(row.times)) times" : ""
            lines(
                "\(row.severity.visible) \(row.diagnosis.visible)\(service). Fault: \(row.fault.visible)",
                indent: 2, hanging: 2, to: &sink)
            lines(
                "at most \(Count(row.most).of("connection")) at once, from \(clock(row.first)),"
                    + " \(end)\(times)", indent: 4, to: &sink)
            if !row.title.isEmpty { lines(row.title.visible, indent: 4, to: &sink) }
        }
        writeRest(rows.count, to: &sink)
    }

    private func writeStuck(
        _ rows: [EventSummary.StuckRow], to sink: inout some Sink & ~Copyable
    ) {
        guard !rows.isEmpty else { return }
        heading("Stuck connections: \(Count(rows.reduce(0) { $0 + $1.count }))", to: &sink)
        for row in rows.prefix(TextEventSummary.limit) {
            lines(
                "\(Count(row.count)) \(row.diagnosis.visible) at \(row.service.visible), the oldest since"
                    + " \(clock(row.since)); \(Count(row.cleared)) ended", indent: 2, hanging: 2,
                to: &sink)
        }
        writeRest(rows.count, to: &sink)
    }
}
