public import Diagnosis
internal import TCPState

/// What a check says: each rule and the findings that break it, and what is missing.
public struct Verdict: Sendable {
    /// One rule and what it found.
    public struct Outcome: Sendable {
        /// The rule.
        public let rule: FailRule
        /// The findings that break it.
        public let findings: [FindingGroup]
    }

    /// Something that must be there.
    public struct Expectation: Sendable {
        /// The rule.
        public let rule: FailRule
        /// Whether a finding meets it.
        public let isMet: Bool
    }

    /// The report that was judged.
    public let report: Report
    /// The rules, in their order.
    public let outcomes: [Outcome]
    /// What must be there, in its order.
    public let expectations: [Expectation]
    /// What was wrong with the files.
    public let problems: [String]
    /// Why the capture shows nothing: a capture that failed must not pass. Nil where it shows something, or may
    /// be empty.
    public let emptiness: String?

    /// Judges a report.
    ///
    /// - Parameters:
    ///   - rules: what must not be found.
    ///   - expected: what must be found.
    ///   - allowsEmpty: whether a capture without packets or connections passes.
    public init(
        _ report: Report, _ rules: [FailRule], expecting expected: [FailRule] = [],
        allowsEmpty: Bool = false, problems: [String]
    ) {
        self.report = report
        outcomes = rules.map { rule in
            Outcome(rule: rule, findings: report.findings.filter(rule.matches))
        }
        expectations = expected.map { rule in
            Expectation(rule: rule, isMet: report.findings.contains(where: rule.expects))
        }
        self.problems = problems
        emptiness =
            allowsEmpty || report.input.connections > 0
            ? nil
            : report.input.frames == 0
                ? "the capture has no packets" : "the capture has no TCP connections"
    }

    /// Whether any rule is broken, something expected is missing, or the capture shows nothing.
    public var hasFailed: Bool {
        emptiness != nil || outcomes.contains { !$0.findings.isEmpty }
            || expectations.contains { !$0.isMet }
    }
}

extension FindingGroup {
    /// One line: how many, where, whose fault, and what.
    var line: String {
        let location = key.service.map { " at \($0.name)" } ?? ""
        return
            "\(key.diagnosis.name)\(location): \(Count(count).of("connection")), fault:"
            + " \(key.fault.words) (evidence: \(grade.name)): \(title)"
    }
}
