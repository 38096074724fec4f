internal import Diagnosis
internal import HTMLReport
internal import Reports
internal import TCPState
internal import Wire

/// The findings of a moment, the worst first, each with what it is about when it is opened.
struct FindingCards {
    let groups: [FindingGroup]
    /// How many there are, those that are not given included.
    let total: Int
    /// How many connections each had a while ago; nil where there was no while ago.
    let before: [FindingGroup.Key: UInt64]?
    let report: Report
    let now: Timestamp

    /// As many are shown.
    private static let limit = 40

    var markup: Markup {
        guard !groups.isEmpty else {
            return tag("p", ["class": "hint"], "No findings so far.")
        }
        let shown = groups.prefix(FindingCards.limit)
        let cards = shown.map { card($0) }.joined
        let rest = total - shown.count
        return cards
            + (rest > 0
                ? tag("p", ["class": "hint"], "\(grouped(rest)) more of lower severity.") : .none)
    }

    private func card(_ group: FindingGroup) -> Markup {
        let service = group.key.service?.name ?? ""
        let growth: Markup
        if let old = before?[group.key] {
            growth =
                group.count > old
                ? tag("span", ["class": "growth"], "+\(grouped(group.count - old))") : .none
        } else {
            growth = before == nil ? .none : tag("span", ["class": "growth"], "new")
        }
        let summary =
            tag("span", ["class": "badge \(group.severity.name)"], group.severity.name)
            + tag("strong", group.key.diagnosis.name)
            + tag("span", ["class": "service"], service)
            + tag(
                "span", ["class": "tally"],
                growth + tag("span", ["class": "number"], grouped(group.count)))
        let key =
            "\(group.key.diagnosis.name) \(service) \(group.key.fault.rawValue) \(group.key.end.name)"
        return tag(
            "details", ["class": "card-\(group.severity.name) finding", "data-key": key],
            tag("summary", [:], summary) + body(group))
    }

    private func body(_ group: FindingGroup) -> Markup {
        var facts = [
            "Fault: \(group.key.fault.words) (evidence: \(group.grade.name))",
            "since \(TimeText(group.oldest).clock(3)), \(Age(now - group.oldest)) ago",
        ]
        if let slope = group.slope {
            let tenths = Int((min(slope, 1e12) * 10).rounded())
            facts.append("\(grouped(tenths / 10)).\(tenths % 10) new connections per second")
        }
        var result = tag("p", ["class": "verdict"], group.title)
        result += tag("p", ["class": "hint"], facts.joined(separator: "; "))
        result += tag("p", group.sentence)
        if !group.refutation.isEmpty {
            result += tag(
                "p", [:], tag("strong", "Rule out first: ") + Markup(group.refutation + "."))
        }
        if !group.remedy.isEmpty {
            result +=
                tag("h3", "What to do") + tag("ul", [:], group.remedy.map { tag("li", $0) }.joined)
        }
        let examples = group.examples.map { example in
            tag(
                "li", [:],
                tag(
                    "button",
                    [
                        "type": "button", "class": "ladder link",
                        "data-stream": String(example.stream),
                    ], example.name(.client))
                    + Markup(" → \(example.name(.server)) ")
                    + tag(
                        "code", ["class": "copy", "tabindex": "0", "role": "button"],
                        report.displayFilter(of: example)))
        }.joined
        return result + tag("ul", ["class": "examples"], examples)
    }
}
