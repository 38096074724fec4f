internal import Diagnosis
public import Reports
internal import TCPState
internal import Wire

/// Rows of what a report found, ready to be written. They are made without the database, by any thread.
public struct FindingRows: Sendable {
    /// A connection that is kept as an example.
    struct Example {
        let finding: Int
        let name: ConnectionName
        let since: Timestamp
        let frame: UInt64
    }

    /// Of the table `finding`.
    static let columns = 13
    private(set) var findings = Rows()
    /// Of the table `remedy`.
    static let remedyColumns = 3
    private(set) var remedies = Rows()
    private(set) var examples: [Example] = []
    /// Of the examples, none of which is known yet.
    private(set) var numbers = ExampleNumbers(of: [])

    /// The rows of a report.
    public init(_ report: Report) {
        for (index, group) in report.findings.enumerated() {
            add(group, number: index + 1, of: report)
            for (ordinal, text) in group.remedy.enumerated() {
                remedies.add(index + 1)
                remedies.add(ordinal)
                remedies.add(text)
            }
            for example in group.examples {
                examples.append(
                    Example(
                        finding: index + 1, name: ConnectionName(example),
                        since: example.finding.since, frame: example.finding.frame))
            }
        }
        numbers = ExampleNumbers(of: examples.map(\.name))
    }

    private mutating func add(_ group: FindingGroup, number: Int, of report: Report) {
        findings.add(number)
        findings.add(1)
        findings.add(group.key.diagnosis.name)
        findings.add(group.severity.name)
        findings.add(group.key.fault.rawValue)
        findings.add(group.grade.name)
        findings.add(group.key.service?.name)
        findings.add(group.count)
        findings.add(group.oldest.nanoseconds)
        findings.add(group.newest.nanoseconds)
        findings.add(group.title)
        findings.add(group.sentence)
        findings.add(report.displayFilter(of: group))
    }
}
