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

    /// Refuses flags that contradict each other.
    func validate(json: Bool) throws {
        try ReportFormat.validate(format, flags(json))
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    private func flags(_ json: Bool) -> [ReportFormat.Flag] {
        [("json", json, .json), ("markdown", markdown, .markdown)]
    }

    /// What the flags ask for.
    func listing(json: Bool, _ style: DocumentStyle) -> ReportListing {
        var listing = ReportListing(style)
        listing.format = .chosen(format, flags(json))
        listing.showsAll = all
        listing.limit = top
        listing.selection.kinds = kind
        listing.selection.services = service
        return listing
    }
}
