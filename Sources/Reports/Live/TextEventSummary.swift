internal import Diagnosis
public import TCPState
internal import Wire

/// What a live run's lines come to, for people: findings, stuck connections, states over time, what befell the capture.
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

    private static let limit = 30

    /// Writes the summary.
    public mutating func write(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        guard let first = summary.first, let last = summary.last else {
            sink.write("No events.\n")
            return
        }
        sink.write(
            "\(TimeText(first).iso8601) to \(TimeText(last).iso8601), \(Age(last - first)); "
                + "\(summary.lines) lines\n")
        writeFindings(summary, to: &sink)
        writeStuck(summary, to: &sink)
        if !summary.changes.isEmpty {
            let counts = summary.changes.sorted { $0.key < $1.key }
                .map { "\($0.value) \($0.key.visible)" }
            sink.write("\nChanges of state: \(counts.joined(separator: ", "))\n")
        }
        if summary.noticeCount > 0 {
            sink.write("\nNotices: \(summary.noticeCount)\n")
            for notice in summary.notices.prefix(TextEventSummary.limit) {
                sink.write("  \(TimeText(notice.time).clock(0)) \(notice.text.visible)\n")
            }
            writeRest(summary.noticeCount, to: &sink)
        }
        if !summary.samples.isEmpty {
            sink.write("\nStates\n")
            var series = StateSeries(spelling: spelling)
            series.write(summary.samples, to: &sink)
        }
    }

    private func writeRest(_ count: Int, to sink: inout some Sink & ~Copyable) {
        let rest = count - TextEventSummary.limit
        if rest > 0 { sink.write("  … and \(rest) more\n") }
    }

    private func writeFindings(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        let names = Severity.allCases.map(\.name)
        let rows = summary.findings.values.sorted { a, b in
            (names.firstIndex(of: a.severity) ?? 9, -a.most, a.diagnosis, a.service)
                < (names.firstIndex(of: b.severity) ?? 9, -b.most, b.diagnosis, b.service)
        }
        sink.write("\nFindings: \(rows.count)\n")
        for row in rows.prefix(TextEventSummary.limit) {
            let service = row.service.isEmpty ? "" : " at \(row.service.visible)"
            let end = row.last.map { "to \(TimeText($0).clock(0))" } ?? "and still there at the end"
            let times = row.times > 1 ? ", \(row.times) times" : ""
            sink.write(
                "  \(row.severity.visible) \(row.diagnosis.visible)\(service), fault: \(row.fault.visible)\n"
                    + "    up to \(row.most) connections, from \(TimeText(row.first).clock(0)) \(end)\(times)\n"
            )
            if !row.title.isEmpty { sink.write("    \(row.title.visible)\n") }
        }
        writeRest(rows.count, to: &sink)
    }

    private func writeStuck(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        let rows = summary.stuck.values.sorted {
            ($1.count, $0.diagnosis, $0.service) < ($0.count, $1.diagnosis, $1.service)
        }
        guard !rows.isEmpty else { return }
        let total = rows.reduce(0) { $0 + $1.count }
        sink.write("\nStuck connections: \(total)\n")
        for row in rows.prefix(TextEventSummary.limit) {
            sink.write(
                "  \(row.count) \(row.diagnosis.visible) at \(row.service.visible), the oldest since"
                    + " \(TimeText(row.since).clock(0)); \(row.cleared) are over\n")
        }
        writeRest(rows.count, to: &sink)
    }
}
