import ArgumentParser
import Arguments
import Diagnosis
import Documents
import Reports

/// The flags that say what of a report is printed, and how.
struct ReportOptions: ParsableArguments {
    @Flag(help: "Show every finding with all of its connections.")
    var all = false

    @Option(help: "Output format: \(ReportFormat.names).")
    var format: ReportFormat?

    @Option(
        help: ArgumentHelp(
            "Describe this many kinds of findings, and list this many services of each.",
            valueName: "count"))
    var top: Int = TextReport.standardLimit

    @Option(
        help: ArgumentHelp(
            "Only findings of these kinds, separated by commas; see 'wirestate help kinds'.",
            valueName: "kind,..."),
        transform: Diagnosis.list(_:))
    var kind: Set<Diagnosis> = []

    @Option(
        help: ArgumentHelp(
            """
            Only findings at these services, separated by commas: 10.1.1.2:8080, :8080, 10.1.1.2, \
            10.1.0.0/16.
            """, valueName: "service,..."),
        transform: ServicePattern.list(_:))
    var service: [ServicePattern] = []

    @OptionGroup var filter: FilterOptions

    @Flag(help: "Print Markdown, for a ticket: short for --format markdown.")
    var markdown = false

    /// Connections of a finding that every form of the report shows, unless all are asked for.
    static let shownExamples = 3

    /// How many connections of a finding have to be kept.
    ///
    /// - Parameter others: how many another document needs.
    func exampleLimit(others: Int? = nil) -> Int? {
        all ? nil : max(others ?? 0, ReportOptions.shownExamples)
    }

    /// Refuses flags that contradict each other.
    func validate(json: Bool) throws {
        try ReportFormat.validate(format, flags(json))
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    private func flags(_ json: Bool) -> [(flag: String, isOn: Bool, format: ReportFormat)] {
        [("json", json, .json), ("markdown", markdown, .markdown)]
    }

    /// Leaves out the findings that are not wanted.
    func narrow(_ report: inout Report) {
        var selection = FindingSelection()
        selection.kinds = kind
        selection.services = service
        report.narrow(to: selection)
    }

    /// The report as it is shown, of one that may have more examples.
    func shown(_ report: Report) -> Report {
        all ? report : report.limitingExamples(to: ReportOptions.shownExamples)
    }

    /// Prints it.
    func write(
        _ report: Report, json: Bool, names: JSONNames, layout: TextLayout, to output: inout Output
    ) {
        switch ReportFormat.chosen(format, flags(json)) {
        case .json:
            var format = JSONReport(names: names)
            format.write(report, to: &output)
        case .markdown:
            var format = MarkdownReport()
            format.write(report, to: &output)
        case .text:
            var format = ASCIIText(TextReport(layout: layout, limit: all ? nil : top), layout)
            format.write(report, to: &output)
        }
    }
}
