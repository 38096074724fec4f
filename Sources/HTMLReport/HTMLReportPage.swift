internal import Diagnosis
internal import Reports
internal import TCPState
internal import Wire

/// The parts of the page, in order.
struct HTMLReportPage {
    let content: HTMLReport.Content
    var report: Report { content.report }
    var input: InputSummary { content.report.input }

    init(_ content: HTMLReport.Content) { self.content = content }

    var parts: [Markup] {
        [
            open("main"), head, states, findings, connections, services, quality, checking,
            Markup(markup: "</main>"),
        ]
    }

    // MARK: Head

    private var head: Markup {
        let names = input.files.prefix(4).map { $0 == "-" ? "standard input" : $0 }.joined(
            separator: ", ")
        let more = input.files.count > 4 ? " and \(input.files.count - 4) more files" : ""
        var result = tag("h1", [:], Markup("TCP report ") + tag("small", names + more))
        if let first = input.first, let last = input.last {
            result += tag(
                "p", [:],
                Markup(
                    "\(TimeText(first).iso8601) to \(TimeText(last).iso8601) (\(Age(input.span)))"
                ))
        }
        result += tag(
            "p",
            "\(grouped(input.frames)) frames: \(grouped(input.segments)) TCP segments, \(grouped(input.totalSetAside)) skipped. "
                + "\(grouped(input.connections)) connections. " + (report.tap ?? ""))
        var cards = Markup.none
        for severity in Severity.allCases {
            let count = report.findings.count { $0.severity == severity }
            cards += tag(
                "li", ["class": "card \(severity.name)"],
                tag("strong", grouped(count)) + Markup(" \(severity.name)"))
        }
        return tag(
            "header", [:],
            result + tag("ul", ["class": "cards", "aria-label": "Findings by severity"], cards))
    }

    // MARK: States

    private var states: Markup {
        let areas = StateAreas(content.samples, spelling: report.spelling)
        let summary = report.summary
        var rows = Markup.none
        let both = summary.clients + summary.servers
        for row in both.present {
            let name = row.state.name(report.spelling)
            rows += tag(
                "tr", [:],
                tag(
                    "th", ["scope": "row"],
                    tag(
                        "button",
                        [
                            "type": "button", "class": "state-filter",
                            "data-state": row.state.name(report.spelling), "aria-pressed": "false",
                        ],
                        (StateAreas.undrawn.contains(row.state)
                            ? .none : tag("span", ["class": "swatch \(row.state.colorClass)"]))
                            + Markup(name)))
                    + tag("td", grouped(summary.clients[row.state]))
                    + tag("td", grouped(summary.servers[row.state]))
                    + tag("td", grouped(row.count)))
        }
        let header = tag(
            "thead", [:],
            tag(
                "tr", [:],
                ["State", "Clients", "Servers", "Both"].map { tag("th", ["scope": "col"], $0) }
                    .joined))
        let table = tag(
            "table", ["class": "numbers"],
            tag("caption", "States at the end of the capture") + header + tag("tbody", [:], rows))
        return tag(
            "section", ["id": "states"],
            tag("h2", "States over time") + areas.drawing
                + tag(
                    "p", ["class": "hint"],
                    "Ends without a socket are not drawn: \(StateAreas.undrawn.map { $0.name(report.spelling) }.joined(separator: ", "))."
                )
                + tag(
                    "p", ["class": "hint script"],
                    "Click a moment in the chart, or a state below, to list its connections.")
                + table)
    }

    // MARK: Connections

    private var connections: Markup {
        var rows = Markup.none
        for entry in content.connections {
            let record = entry.record
            let (client, server) = (record.connection.opener, record.connection.opener.peer)
            let steps = entry.history.map { row in
                "\(row.time.nanoseconds) \(row.transition.side == client ? "c" : "s") \(row.transition.to.name(report.spelling))"
            }.joined(separator: ";")
            rows += tag(
                "tr", ["data-steps": steps],
                tag("td", record.address(client).text(port: record.port(client)))
                    + tag("td", record.address(server).text(port: record.port(server)))
                    + tag(
                        "td", ["class": "client"],
                        record.connection.client.state.name(report.spelling))
                    + tag(
                        "td", ["class": "server"],
                        record.connection.server.state.name(report.spelling))
                    + tag(
                        "td", ["data-sort": String(record.connection.firstSeen.nanoseconds)],
                        TimeText(record.connection.firstSeen).clock(6))
                    + tag(
                        "td", ["data-sort": String(record.connection.stream)],
                        "tcp.stream eq \(record.connection.stream)"))
        }
        let heads = [
            "Client", "Server", "Client state", "Server state", "First (UTC)", "Wireshark",
        ]
        let note =
            UInt64(content.connections.count) < input.connections
            ? "\(grouped(content.connections.count)) of \(grouped(input.connections)) connections are listed: those with findings first."
            : "\(grouped(content.connections.count)) connections."
        return tag(
            "section", ["id": "connections"],
            tag("h2", "Connections")
                + tag(
                    "p", ["class": "script filters"],
                    tag(
                        "label", [:],
                        Markup("Filter ")
                            + open(
                                "input",
                                [
                                    "type": "search", "id": "filter",
                                    "placeholder": "address, port or state",
                                ])) + tag("button", ["type": "button", "id": "reset"], "Show all")
                        + tag("output", ["id": "shown", "role": "status"], ""))
                + tag("p", note)
                + scrolling(
                    "Connections", rows: content.connections.count,
                    tag(
                        "table", ["class": "sortable", "id": "list"],
                        columns(heads) + tag("tbody", [:], rows))))
    }

    /// The frame of a table that may be wider than a screen, or longer: the browser lays out a long one when it comes
    /// into view.
    func scrolling(_ label: String, rows: Int, _ table: Markup) -> Markup {
        tag(
            "div",
            [
                "class": rows > HTMLReportPage.longTable ? "scroll long" : "scroll",
                "tabindex": "0", "role": "region", "aria-label": label,
            ], table)
    }

    private static let longTable = 100

    func columns(_ names: [String]) -> Markup {
        tag("thead", [:], tag("tr", [:], names.map { tag("th", ["scope": "col"], $0) }.joined))
    }

    // MARK: Services

    private var services: Markup {
        guard !content.services.isEmpty else { return .none }
        let heads = [
            "Service", "Connections", "Closed", "Reset", "Refused", "Unanswered", "Half-closed",
            "Open",
        ]
        var rows = Markup.none
        for service in content.services.prefix(HTMLReport.listedServices) {
            let cells = [
                service.count, service[endings: .closedByClient, .closedByServer, .closedByBoth],
                service[endings: .resetByClient, .resetByServer], service[endings: .refused],
                service[endings: .unanswered], service[endings: .halfClosed],
                service[endings: .open],
            ]
            rows += tag(
                "tr", [:],
                tag("th", ["scope": "row"], service.name)
                    + cells.map { tag("td", ["data-sort": String($0)], grouped($0)) }.joined)
        }
        let rest = content.services.count - min(content.services.count, HTMLReport.listedServices)
        return tag(
            "section", ["id": "services"],
            tag("h2", "Services")
                + scrolling(
                    "Services", rows: min(content.services.count, HTMLReport.listedServices),
                    tag(
                        "table", ["class": "sortable numbers"],
                        columns(heads) + tag("tbody", [:], rows)))
                + (rest > 0 ? tag("p", "\(grouped(rest)) more services are not listed.") : .none))
    }

    // MARK: Quality

    private var quality: Markup {
        let flaws = report.quality.flaws
        var body = Markup.none
        for flaw in flaws {
            body += tag("dt", "\(flaw.kind.title): \(flaw.extent)") + tag("dd", flaw.kind.effect)
        }
        return tag(
            "section", ["id": "quality"],
            tag("h2", "Capture quality")
                + (flaws.isEmpty
                    ? tag("p", "The capture has no flaws that limit the results.")
                    : tag("dl", [:], body)))
    }

    private var checking: Markup {
        tag(
            "section", ["id": "check"],
            tag("h2", "Check each claim in Wireshark")
                + tag(
                    "ol", [:],
                    tag(
                        "li", [:],
                        Markup(
                            "Open the capture file. Frame and stream numbers on this page are Wireshark's."
                        ))
                        + tag(
                            "li", [:],
                            Markup(
                                "Paste the display filter of a finding into the filter bar and press Enter."
                            ))
                        + tag(
                            "li", [:],
                            Markup("Go to a frame with ") + tag("kbd", "Ctrl+G")
                                + Markup(" and its number."))
                        + tag(
                            "li", [:],
                            Markup("See a connection segment by segment: ")
                                + tag("code", "wirestate explain FILE --stream N") + Markup("."))))
    }
}
