internal import Analysis
internal import Diagnosis
internal import HTMLReport
internal import Reports
internal import TCPState
internal import Wire

/// The table of connections.
struct ConnectionTable {
    /// The rows that match, in order.
    let rows: [PageRow]
    /// How many there are, those that do not match included.
    let total: Int
    let limit: Int
    let now: Timestamp
    let spelling: StateSpelling
    /// How many connections there are, if `total` is of the newest and the stuck ones alone.
    var all: Int?

    var markup: Markup {
        let shown = rows.prefix(limit)
        let body = shown.map { row($0) }.joined
        let count =
            rows.count == total
            ? "\(grouped(total)) connections"
            : "\(grouped(rows.count)) of \(grouped(total)) connections"
        let selection =
            all.map { $0 > total ? ": stuck ones and the newest of \(grouped($0))" : "" } ?? ""
        let rest = rows.count - shown.count
        let more =
            rest > 0
            ? tag(
                "button", ["type": "button", "id": "more", "class": "line"],
                "Show more (\(grouped(rest)) not shown)") : .none
        return tag(
            "p", ["class": "hint", "role": "status"], Markup(count + selection))
            + (rows.isEmpty
                ? .none
                : tag(
                    "div",
                    [
                        "class": "scroll wide", "tabindex": "0", "role": "region",
                        "aria-label": "Connections",
                    ], tag("table", ["class": "connections"], head + tag("tbody", [:], body))))
            + more
    }

    private var head: Markup {
        let columns: [(order: String, title: String)] = [
            ("client", "Client"), ("client-state", "Client state"),
            ("server-state", "Server state"),
            ("server", "Server"), ("trouble", "Finding"), ("since", "Since"), ("queue", "Send-Q"),
        ]
        let cells = columns.map { column in
            tag(
                "th", ["scope": "col", "data-order": column.order],
                tag("button", ["type": "button", "class": "order"], column.title))
        }.joined
        return tag(
            "thead", [:],
            tag("tr", [:], cells + tag("th", ["scope": "col"], "Wireshark")))
    }

    private func row(_ row: PageRow) -> Markup {
        let badge =
            row.problem.map {
                tag("span", ["class": "badge \($0.severity.name)"], $0.diagnosis.name)
            } ?? .none
        let queues = [row.client, row.server].map { grouped($0.sendQueue) }
        let process = row.process.map { tag("small", ["class": "process"], $0) } ?? .none
        return tag(
            "tr", ["data-connection": String(row.serial)],
            tag(
                "td", ["data-label": "Client"],
                tag(
                    "button",
                    [
                        "type": "button", "class": "ladder link",
                        "title": "Show the segments",
                    ], row.client.name))
                + cell(row.client, "Client state") + cell(row.server, "Server state")
                + tag("td", ["data-label": "Server"], Markup(row.server.name) + process)
                + tag("td", ["data-label": "Finding"], badge)
                + tag("td", ["data-label": "Since", "class": "since"], since(row))
                + tag(
                    "td", ["data-label": "Send-Q", "class": "queue"],
                    queues == ["0", "0"] ? "0" : queues.joined(separator: " / "))
                + tag(
                    "td", ["data-label": "Wireshark"],
                    tag("code", ["class": "copy", "tabindex": "0", "role": "button"], row.filter)))
    }

    /// An end's state, as sure as it is.
    private func cell(_ end: PageRow.End, _ label: String) -> Markup {
        guard let state = end.state else {
            return tag("td", ["data-label": label, "class": "none"], "–")
        }
        let name = state.name(spelling)
        let grade =
            end.grade == .proved ? Markup.none : tag("small", ["class": "grade"], end.grade.name)
        return tag(
            "td", ["data-label": label],
            tag(
                "span", ["class": "state", "data-queue": String(end.sendQueue)],
                tag("i", ["class": "swatch \(state.colorClass)"]) + Markup(name)) + grade)
    }

    private func since(_ row: PageRow) -> String {
        row.since.nanoseconds == .min ? "" : "\(Age(now - row.since))"
    }
}
