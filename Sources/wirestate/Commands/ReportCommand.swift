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
        abstract: "What is wrong, who has to act and what to do; the states, the endings.",
        usage: "wirestate report [<options>] <files> ... [-- <filter>]",
        discussion: """
            EXAMPLES
              wirestate report incident.pcapng
              wirestate report --all --local 10.1.1.2 incident.pcapng
              wirestate report --threshold close-wait=10s incident.pcapng
              wirestate report --markdown incident.pcapng > ticket.md
              wirestate report --html report.html --sqlite report.db incident.pcapng
              wirestate report --evidence ticket --anonymize incident.pcapng
              wirestate report --json incident.pcapng | jq 'select(.finding).finding.title'
            """)

    @Flag(help: "Show every finding and every connection of it, not only a few.")
    var all = false

    @Option(help: "How to print it: \(ReportFormat.names).")
    var format: ReportFormat?

    @Flag(help: "Markdown, for a ticket: short for --format markdown.")
    var markdown = false

    @Option(
        help: ArgumentHelp(
            "Write the report as one HTML file, with ladders and the states over time.",
            valueName: "file"))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write connections, changes of state and findings to an SQLite database.",
            valueName: "file"))
    var sqlite: String?

    @Option(
        help: ArgumentHelp(
            "For each finding, write its connections' packets to a pcapng file there, with the state"
                + " changes as comments; at most 1000 connections each.", valueName: "directory"))
    var evidence: String?

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try ReportFormat.validate(format, formatFlags)
        if options.files.contains(where: isStream) {
            for (flag, value) in [("evidence", evidence), ("html", html)]
            where value != nil {
                throw ValidationError(
                    "--\(flag) reads the captures again: standard input and pipes cannot be.")
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
        let (input, whole, history) = try read(analysis, limit)
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
            var format = TextReport(palette: .standard, showsAll: all)
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
                findings.limits, exampleLimit: limit, spelling: options.states)
            return (input, report, nil)
        }
        return try analysis.reportAndHistory(
            findings.limits, exampleLimit: limit, spelling: options.states)
    }

    private func write(_ report: Report, of analysis: CaptureAnalysis, to directory: String) throws
    {
        let exporter = EvidenceExporter(directory: directory)
        let paths: [String]
        do {
            paths = try exporter.write(
                report, of: analysis, spelling: options.states, inputs: options.inputs)
        } catch let failure as EvidenceExporter.Failure {
            throw CommandFailure(failure.path, failure.error)
        }
        for path in paths { writeAll("\(path.visible)\n", to: STDERR_FILENO) }
    }
}
