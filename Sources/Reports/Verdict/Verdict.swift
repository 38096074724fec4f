public import Diagnosis

/// What a check says: each rule, and the findings that it is to fail on.
public struct Verdict: Sendable {
    /// One rule and what it found.
    public struct Outcome: Sendable {
        /// The rule.
        public let rule: FailRule
        /// The findings that break it.
        public let findings: [FindingGroup]
    }

    /// The report that was judged.
    public let report: Report
    /// The rules, in their order.
    public let outcomes: [Outcome]
    /// What was wrong with the files.
    public let problems: [String]

    /// Judges a report.
    public init(_ report: Report, _ rules: [FailRule], problems: [String]) {
        self.report = report
        outcomes = rules.map { rule in
            Outcome(rule: rule, findings: report.findings.filter(rule.matches))
        }
        self.problems = problems
    }

    /// Whether any rule is broken.
    public var hasFailed: Bool { outcomes.contains { !$0.findings.isEmpty } }
}

extension FindingGroup {
    /// One line: how many, where, whose fault, and what.
    var line: String {
        let place = key.service.map { " at \($0.name)" } ?? ""
        let connections = plural(count, "connection")
        return
            "\(key.diagnosis.name)\(place): \(connections), fault: \(key.fault.rawValue): \(title)"
    }
}
