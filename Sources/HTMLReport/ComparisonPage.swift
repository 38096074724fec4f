internal import Comparison
internal import Diagnosis
public import Reports
internal import TCPState
internal import Wire

/// A comparison of taps as one HTML file: the taps and their clocks, the kinds of verdicts, then connections with their
/// ladders, the most telling first.
public struct HTMLComparison: Format {
    /// As many connections have a ladder.
    public static let ladders = 100

    /// Makes one.
    public init() {}

    /// Writes the page.
    public mutating func write(_ report: ComparisonReport, to sink: inout some Sink & ~Copyable) {
        let names = report.comparison.taps.map(\.name).joined(separator: ", ")
        HTMLDocument(
            title: "TCP comparison: \(names)", parts: ComparisonPage(report: report).parts
        ).write(to: &sink)
    }
}

/// The parts of the page, in order.
private struct ComparisonPage {
    let report: ComparisonReport

    var parts: [Markup] {
        [open("main"), head, pairs, kinds, connections, Markup(markup: "</main>")]
    }

    private func columns(_ names: [String]) -> Markup {
        tag("thead", [:], tag("tr", [:], names.map { tag("th", ["scope": "col"], $0) }.joined))
    }

    private func table(_ heads: [String], _ rows: [[String]]) -> Markup {
        let body = rows.map { row in
            tag(
                "tr", [:],
                tag("th", ["scope": "row"], row[0]) + row.dropFirst().map { tag("td", $0) }.joined)
        }
        return tag("table", [:], columns(heads) + tag("tbody", [:], body.joined))
    }

    private var head: Markup {
        let rows = report.comparison.taps.enumerated().map { index, tap in
            [
                tap.name, report.captures[index].files.joined(separator: ", "),
                grouped(tap.counts.frames), grouped(tap.counts.segments),
                grouped(tap.connections.count),
                tap.counts.first.map { TimeText($0).iso8601 } ?? "",
            ]
        }
        return tag(
            "header", [:],
            tag("h1", "TCP comparison")
                + table(["Tap", "Files", "Frames", "TCP", "Connections", "First frame"], rows))
    }

    private var pairs: Markup {
        guard !report.comparison.isUnrelated else {
            return tag("p", "No connection of one tap was found at another.")
        }
        let lines = report.comparison.pairs.map { pair in
            tag("h3", "\(pair.near.name) to \(pair.far.name)")
                + tag("p", PairWords(pair).matches) + tag("p", PairWords(pair).clock)
                + PairWords(pair).fates.map { tag("p", $0) }.joined
        }
        return tag("section", ["id": "taps"], tag("h2", "Between the taps") + lines.joined)
    }

    private var kinds: Markup {
        let rows = report.groups.map { [$0.kind.rawValue, grouped($0.paths.count)] }
        guard !rows.isEmpty else { return .none }
        return tag(
            "section", ["id": "verdicts"],
            tag("h2", "Verdicts") + table(["First verdict", "Connections"], rows))
    }

    private var connections: Markup {
        let order = report.groups.flatMap(\.paths)
        guard !order.isEmpty else { return .none }
        let shown = order.prefix(HTMLComparison.ladders).map(connection)
        let rest = order.count - shown.count
        return tag(
            "section", ["id": "connections"],
            tag("h2", "Connections") + shown.joined
                + (rest > 0 ? tag("p", "\(grouped(rest)) more connections are not shown.") : .none))
    }

    private func connection(_ index: Int) -> Markup {
        let path = report.comparison.paths[index]
        let verdicts = report.verdicts[index]
        let isProblem = verdicts[0].kind.isProblem
        let tap = path.seenBy.first ?? 0
        let ends = [Role.client, .server].map {
            path.text($0, at: tap, report.comparison.taps) ?? ""
        }
        let list = verdicts.map { verdict in
            tag("li", "\(report.sentence(of: verdict)) (\(verdict.grade.name))")
        }
        return tag(
            "details", ["class": isProblem ? "warning" : "benign"],
            tag("summary", "\(verdicts[0].kind.rawValue): \(ends[0]) → \(ends[1])")
                + tag("ul", [:], list.joined)
                + PathDrawing(PathLadder(report, path: index)).drawing)
    }
}
