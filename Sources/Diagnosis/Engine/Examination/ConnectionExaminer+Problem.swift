internal import TCPState

extension ConnectionExaminer {
    /// What needs an action now: the worst finding that is settled, while an end waits for the
    /// other; nil where there is none. What is over is no trouble any more.
    public var problem: FindingExample? {
        guard waitState?.waitsFor != nil else { return nil }
        let settled = findings.filter { $0.isSettled && $0.severity <= .warning }
        return settled.min { $0.severity < $1.severity }.map { FindingExample(self, $0) }
    }
}

extension ConnectionExaminer {
    /// What is the matter with the connection, each to be said in words; what other connections show of the
    /// same service is not known here.
    public var groups: [FindingGroup] {
        findings.map { FindingGroup(FindingExample(self, $0)) }.sorted { $0.severity < $1.severity }
    }
}

extension FindingGroup {
    /// One connection's finding, to be said in words.
    public init(_ example: FindingExample) {
        let finding = example.finding
        self.init(
            Key(
                diagnosis: finding.diagnosis, service: example.service, end: finding.end,
                fault: finding.fault))
        count = 1
        settled = finding.isSettled ? 1 : 0
        grade = finding.grade
        oldest = finding.since
        newest = finding.since
        if example.anomalies.contains(.presentBefore) { presentBefore = 1 }
        lengths = finding.length...finding.length
        forms.add(finding.form)
        states.add(States(client: example.client.state, server: example.server.state))
        examples = [example]
        severity = finding.severity
    }
}
