public import Reports

/// What of a report is printed, and how.
public struct ReportListing: Sendable {
    /// The form.
    public var format = ReportFormat.text
    /// Whether every finding is shown with all of its connections.
    public var showsAll = false
    /// Kinds of findings that text describes, and services that it lists of each.
    public var limit = TextReport.standardLimit
    /// The findings that are wanted.
    public var selection = FindingSelection()

    private let style: DocumentStyle

    /// Connections of a finding that every form of the report shows, unless all are asked for.
    private static let shownExamples = 3

    /// A report as text, with all kinds of findings.
    public init(_ style: DocumentStyle) { self.style = style }

    /// How many connections of a finding have to be kept; nil for all.
    ///
    /// - Parameter others: how many another document needs.
    public func exampleLimit(others: Int? = nil) -> Int? {
        showsAll ? nil : max(others ?? 0, ReportListing.shownExamples)
    }

    /// Leaves out the findings that are not wanted.
    public func narrow(_ report: inout Report) { report.narrow(to: selection) }

    /// The report as it is shown, of one that may have more examples.
    public func shown(_ report: Report) -> Report {
        showsAll ? report : report.limitingExamples(to: ReportListing.shownExamples)
    }

    /// Prints a report.
    public func write(_ report: Report, to output: Output) {
        switch format {
        case .json: output.write(report, as: JSONReport(names: style.names))
        case .markdown: output.write(report, as: MarkdownReport())
        case .text:
            let text = TextReport(layout: style.layout, limit: showsAll ? nil : limit)
            output.write(report, as: ASCIIText(text, style.layout))
        }
    }
}
