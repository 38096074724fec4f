public import Reports
public import TCPState
internal import Wire

/// What the lines of a live run add up to, as one HTML file: findings, the states over time, stuck connections, messages
/// about the capture.
public struct HTMLEventSummary: Format {
    private let spelling: StateSpelling

    /// - Parameter spelling: how states are spelled.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes the page.
    public mutating func write(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        let page = EventPage(summary: summary, spelling: spelling)
        HTMLDocument(title: "TCP events of a live run", parts: page.parts).write(to: &sink)
    }
}

/// The parts of the page, in order.
private struct EventPage {
    let summary: EventSummary
    let spelling: StateSpelling

    /// As many rows of each table are shown.
    private static let limit = 1_000

    var parts: [Markup] {
        [open("main"), head, findings, states, stuck, notices, Markup(markup: "</main>")]
    }

    private var head: Markup {
        let span = [summary.first, summary.last].compactMap { $0.map { TimeText($0).iso8601 } }
        let changes = summary.changes.sorted { $0.key < $1.key }
            .map { "\(grouped($0.value)) \($0.key)" }
        return tag(
            "header", [:],
            tag("h1", "TCP events of a live run")
                + tag("p", span.isEmpty ? "No events." : span.joined(separator: " to "))
                + tag(
                    "p",
                    "\(grouped(summary.lines)) lines; state changes: "
                        + (changes.isEmpty ? "none" : changes.joined(separator: ", "))))
    }

    private var findings: Markup {
        let rows = summary.orderedFindings
        let cells = rows.prefix(EventPage.limit).map { row in
            [
                row.severity, row.diagnosis, row.service, row.fault, grouped(row.most),
                time(row.first), row.last.map { time($0) } ?? "not over", grouped(row.times),
                row.title,
            ]
        }
        return section(
            "findings", "Findings: \(grouped(rows.count))",
            [
                "Severity", "Kind", "Service", "Fault", "Most at once", "From", "Until",
                "Began (times)",
                "Finding",
            ], cells, of: rows.count)
    }

    private var stuck: Markup {
        let rows = summary.orderedStuck
        let cells = rows.prefix(EventPage.limit).map {
            [$0.diagnosis, $0.service, grouped($0.count), grouped($0.cleared), time($0.since)]
        }
        return section(
            "stuck", "Stuck connections by service",
            ["Kind", "Service", "Connections", "Ended", "Oldest since"], cells, of: rows.count)
    }

    private var notices: Markup {
        let cells = summary.notices.map { [time($0.time), $0.text] }
        return section(
            "notices", "Capture messages", ["Time", "Message"], cells, of: summary.noticeCount)
    }

    private var states: Markup {
        guard summary.samples.count > 1 else { return .none }
        let areas = StateAreas(summary.samples, spelling: spelling)
        return tag("section", ["id": "states"], tag("h2", "States over time") + areas.drawing)
    }

    private func time(_ time: Timestamp) -> String { TimeText(time).iso8601 }

    private func section(
        _ name: String, _ title: String, _ heads: [String], _ rows: [[String]], of total: Int
    ) -> Markup {
        guard !rows.isEmpty else { return .none }
        let columns = heads.map { tag("th", ["scope": "col"], $0) }.joined
        let body = rows.map { row in
            tag(
                "tr", [:],
                tag("th", ["scope": "row"], row[0]) + row.dropFirst().map { tag("td", $0) }.joined)
        }
        let rest = total - rows.count
        return tag(
            "section", ["id": name],
            tag("h2", title)
                + tag(
                    "div",
                    ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
                    tag(
                        "table", [:],
                        tag("thead", [:], tag("tr", [:], columns)) + tag("tbody", [:], body.joined))
                )
                + (rest > 0 ? tag("p", "\(grouped(rest)) more are not shown.") : .none))
    }
}
