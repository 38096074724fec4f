internal import Diagnosis
internal import Reports
internal import TCPState
internal import Wire

extension HTMLReportPage {
    /// A table of all findings, and the first of them at length.
    var findings: Markup {
        let groups = report.findings
        guard !groups.isEmpty else {
            return tag(
                "section", ["id": "findings"], tag("h2", "Findings") + tag("p", "No findings."))
        }
        var rows = Markup.none
        var restRows = Markup.none
        var atLength = Markup.none
        for (index, group) in groups.enumerated() {
            let row = self.row(group, index)
            if index < HTMLReport.findingsAtOnce { rows += row } else { restRows += row }
            if index < HTMLReport.findingsAtLength { atLength += details(group, index) }
        }
        let heads = columns(["Severity", "Finding", "Service", "Connections", "Fault", "Evidence"])
        let shown = min(groups.count, HTMLReport.findingsAtOnce)
        var table = scrolling(
            "Findings", rows: shown,
            tag(
                "table", ["class": "sortable", "data-rest": "findings-rest"],
                heads + tag("tbody", [:], rows)))
        if shown < groups.count {
            // A browser lays out what is folded when it is opened.
            table += tag(
                "details", ["id": "findings-rest"],
                tag("summary", "\(grouped(groups.count - shown)) more findings")
                    + scrolling(
                        "More findings", rows: groups.count - shown,
                        tag("table", [:], heads + tag("tbody", [:], restRows))))
        }
        let rest = groups.count - min(groups.count, HTMLReport.findingsAtLength)
        return tag(
            "section", ["id": "findings"],
            tag("h2", "Findings") + table + atLength
                + (rest > 0
                    ? tag(
                        "p",
                        "The table has \(grouped(rest)) more findings; this page describes the worst \(HTMLReport.findingsAtLength)."
                    ) : .none))
    }

    private func row(_ group: FindingGroup, _ index: Int) -> Markup {
        let name = group.key.diagnosis.name
        let link =
            index < HTMLReport.findingsAtLength
            ? tag("a", ["href": "#finding-\(index + 1)"], name) : Markup(name)
        return tag(
            "tr", ["class": "finding \(group.severity.name)"],
            tag(
                "td", ["data-sort": String(group.severity.rawValue)],
                tag("span", ["class": "badge \(group.severity.name)"], group.severity.name))
                + tag("td", [:], link) + tag("td", group.key.service?.name ?? "")
                + tag("td", ["data-sort": String(group.count)], grouped(group.count))
                + tag("td", group.key.fault.words) + tag("td", group.grade.name))
    }

    private func details(_ group: FindingGroup, _ index: Int) -> Markup {
        let location = group.key.service.map { " at \($0.name)" } ?? ""
        var summary = tag("span", ["class": "badge \(group.severity.name)"], group.severity.name)
        summary +=
            Markup(" ") + tag("strong", group.key.diagnosis.name) + Markup(location) + Markup(" ")
        summary += tag(
            "span", ["class": "count"],
            "\(grouped(group.count)) \(group.count == 1 ? "connection" : "connections")")
        var body = tag(
            "p", ["class": "verdict"],
            "Fault: \(group.key.fault.words) (evidence: \(group.grade.name)): \(group.title).")
        body += tag("p", group.sentence)
        body += evidence(group)
        let doubts = report.doubts(about: group).map(\.title)
        if !doubts.isEmpty {
            body += tag("p", "Doubtful in this capture: \(doubts.joined(separator: ", ")).")
        }
        if !group.refutation.isEmpty {
            body += tag(
                "p", [:], tag("strong", "Rule out first: ") + Markup(group.refutation + "."))
        }
        if !group.remedy.isEmpty {
            body +=
                tag("h3", "What to do") + tag("ul", [:], group.remedy.map { tag("li", $0) }.joined)
        }
        body += tag(
            "p", [:],
            Markup("Display filter: ")
                + tag("code", ["class": "copy"], report.displayFilter(of: group)))
        for example in group.examples.prefix(1) {
            guard let ladder = content.ladders[example.stream] else { continue }
            body += tag(
                "figure", [:],
                LadderDrawing(ladder, frames: input.numbering).drawing
                    + tag(
                        "figcaption",
                        "\(example.name(.client)) to \(example.name(.server)), \(report.displayFilter(of: example))"
                    ))
        }
        let id = "finding-\(index + 1)"
        let head = tag("summary", [:], summary)
        return index < 3
            ? tag("details", ["id": id, "class": group.severity.name, "open": ""], head + body)
            : tag("details", ["id": id, "class": group.severity.name], head + body)
    }

    private func evidence(_ group: FindingGroup) -> Markup {
        guard !group.examples.isEmpty else { return .none }
        var rows = Markup.none
        for example in group.examples {
            let finding = example.finding
            let frames = [finding.frame, finding.laterFrame].compactMap { $0 }.filter { $0 != 0 }
                .map { input.numbering.text($0) }.joined(separator: ", ")
            let states = Role.allCases.map { example[$0].state.name(report.spelling) }.joined(
                separator: " / ")
            rows += tag(
                "tr", [:],
                tag("td", example.name(.client)) + tag("td", example.name(.server))
                    + tag("td", states)
                    + tag("td", TimeText(finding.since).iso8601) + tag("td", frames)
                    + tag(
                        "td", [:], tag("code", ["class": "copy"], report.displayFilter(of: example))
                    ))
        }
        let heads = ["Client", "Server", "States", "Since", "Frames", "Display filter"]
        let rest = group.count - min(group.count, UInt64(group.examples.count))
        return scrolling(
            "Evidence", rows: group.examples.count,
            tag("table", [:], columns(heads) + tag("tbody", [:], rows)))
            + (rest > 0 ? tag("p", ["class": "hint"], "\(grouped(rest)) more of the same.") : .none)
    }
}
