import Analysis
import ArgumentParser
import Diagnosis
import Glibc
import POSIX
import Reports
import TCPState
import Tracking
import Wire

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Report what is wrong, who has to act, and what to do.",
        usage: "wirestate report [<options>] <files> ... [-- <filter>]",
        discussion: """
            Findings are grouped by kind, the worst first. The worst kinds are described, each with its \
            worst service.

            EXAMPLES
              wirestate report incident.pcapng
              wirestate report --all --local 10.1.1.2 incident.pcapng
              wirestate report --kind close-wait-leak --top 10 incident.pcapng
              wirestate report --service 10.1.1.2:8080 incident.pcapng
              wirestate report --where 'host:10.1.0.0/16 stuck' incident.pcapng
              wirestate report --threshold close-wait=10s incident.pcapng
              wirestate report --markdown incident.pcapng > ticket.md
              wirestate report --html report.html --sqlite report.db incident.pcapng
              wirestate report --evidence ticket --anonymize incident.pcapng
              wirestate report --json incident.pcapng | jq 'select(.finding).finding.title'
            """)

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
        transform: kinds(_:))
    var kind: Set<Diagnosis> = []

    @Option(
        help: ArgumentHelp(
            """
            Only findings at these services, separated by commas: 10.1.1.2:8080, :8080, 10.1.1.2, \
            10.1.0.0/16.
            """, valueName: "service,..."),
        transform: services(_:))
    var service: [ServicePattern] = []

    @OptionGroup var filter: FilterOptions

    @Flag(help: "Print Markdown, for a ticket: short for --format markdown.")
    var markdown = false

    @Option(
        help: ArgumentHelp(
            "Write the report as one HTML file, with ladders and the states over time.",
            valueName: "file"))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write connections, state changes and findings to an SQLite database.",
            valueName: "file"))
    var sqlite: String?

    @Option(
        help: ArgumentHelp(
            "Write the packets of each finding to a pcapng file in this directory, with state changes"
                + " as packet comments; at most \(EvidenceExporter.connectionLimit) connections each.",
            valueName: "directory"))
    var evidence: String?

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try ReportFormat.validate(format, formatFlags)
        if top < 1 { throw ValidationError("--top must be at least 1.") }
        if options.files.contains(where: isStream) {
            for (flag, value) in [("evidence", evidence), ("html", html)]
            where value != nil {
                throw ValidationError(
                    "--\(flag) reads the captures again, so standard input and pipes do not work.")
            }
        }
    }

    private var formatFlags: [(flag: String, isOn: Bool, format: ReportFormat)] {
        [("json", options.json, .json), ("markdown", markdown, .markdown)]
    }

    /// Connections of a finding that every form of the report shows, unless all are asked for.
    private static let shownExamples = 3

    func run() throws {
        let limit =
            evidence == nil && sqlite == nil
            ? ReportCommand.shownExamples : EvidenceExporter.connectionLimit
        let analysis = options.analysis
        var (input, whole, history) = try read(analysis, limit)
        var selection = FindingSelection()
        selection.kinds = kind
        selection.services = service
        whole.narrow(to: selection)
        let report = all ? whole : whole.limitingExamples(to: ReportCommand.shownExamples)
        var output = Output()
        // Where nothing was read, the trouble is all there is to say.
        if !input.hasNothing { write(report, to: &output) }
        if let evidence, !input.hasNothing { try write(whole, of: analysis, to: evidence) }
        if let html, !input.hasNothing {
            try ReportDocuments(report: report, analysis: analysis).writeHTML(to: html)
        }
        if let sqlite, let history, !input.hasNothing {
            try ReportDocuments(report: whole, analysis: analysis).writeSQLite(history, to: sqlite)
        }
        try input.end(output)
    }

    private func write(_ report: Report, to output: inout Output) {
        switch ReportFormat.chosen(format, formatFlags) {
        case .json:
            var format = JSONReport(names: options.tracking.names)
            format.write(report, to: &output)
        case .markdown:
            var format = MarkdownReport()
            format.write(report, to: &output)
        case .text:
            let layout = options.layout
            var format = ASCIIText(TextReport(layout: layout, limit: all ? nil : top), layout)
            format.write(report, to: &output)
        }
    }

    /// The report, and where a document needs it the history.
    private func read(
        _ analysis: CaptureAnalysis, _ limit: Int
    ) throws -> (InputResult, Report, TransitionHistory?) {
        let limit = all ? nil : limit
        guard sqlite != nil else {
            let (input, report) = try analysis.report(
                findings.limits, exampleLimit: limit, spelling: options.states,
                where: filter.condition)
            return (input, report, nil)
        }
        return try analysis.reportAndHistory(
            findings.limits, exampleLimit: limit, spelling: options.states,
            where: filter.condition)
    }

    private static func kinds(_ argument: String) throws -> Set<Diagnosis> {
        try Set(
            argument.split(separator: ",").map { word in
                guard let kind = Diagnosis(named: String(word)) else {
                    let names = Diagnosis.allCases.map(\.name).joined(separator: ", ")
                    throw ValidationError("'\(word)' is unknown; valid kinds: \(names)")
                }
                return kind
            })
    }

    private static func services(_ argument: String) throws -> [ServicePattern] {
        try argument.split(separator: ",").map { word in
            guard let pattern = ServicePattern(String(word)) else {
                throw ValidationError(
                    "'\(word)' is not ADDRESS:PORT, :PORT, ADDRESS or ADDRESS/LENGTH")
            }
            return pattern
        }
    }

    private func write(_ report: Report, of analysis: CaptureAnalysis, to directory: String) throws
    {
        let exporter = EvidenceExporter(directory: directory)
        let paths: [String]
        do {
            paths = try exporter.write(
                report, of: analysis, spelling: options.states, inputs: options.inputs)
        } catch let failure as EvidenceFailure {
            throw CommandFailure(failure.path, failure.error)
        }
        for path in paths { writeAll("\(path.visible)\n", to: STDERR_FILENO) }
    }
}
