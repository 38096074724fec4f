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

    @Flag(help: "Markdown, for a ticket.")
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

    @Flag(
        help: """
            In these files, replace addresses (equal prefixes stay equal) and keep only the headers of             IP and TCP.
            """)
    var anonymize = false

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        if markdown, options.json {
            throw ValidationError("Ask for --json or for --markdown, not both.")
        }
        if anonymize, evidence == nil {
            throw ValidationError("--anonymize is for the files of --evidence.")
        }
        if options.files.contains(where: isStream) {
            for (flag, value) in [("evidence", evidence), ("html", html), ("sqlite", sqlite)]
            where value != nil {
                throw ValidationError(
                    "--\(flag) reads the captures again: standard input and pipes cannot be.")
            }
        }
    }

    func run() throws {
        let limit = evidence == nil && sqlite == nil ? 3 : EvidenceExporter.connectionLimit
        let analysis = options.analysis
        let (input, report) = try analysis.report(
            findings.limits, exampleLimit: all ? nil : limit, spelling: options.states)
        var output = Output()
        if input.hasNothing {
            // Nothing was read: the trouble is all there is to say.
        } else if options.json {
            var format = JSONReport()
            format.write(report, to: &output)
        } else if markdown {
            var format = MarkdownReport()
            format.write(report, to: &output)
        } else {
            var format = TextReport(palette: .standard, showsAll: all)
            format.write(report, to: &output)
        }
        if let evidence, !input.hasNothing { try write(report, of: analysis, to: evidence) }
        let documents = ReportDocuments(report: report, analysis: analysis)
        if let html, !input.hasNothing { try documents.writeHTML(to: html) }
        if let sqlite, !input.hasNothing { try documents.writeSQLite(to: sqlite) }
        try input.end(output)
    }

    private func write(_ report: Report, of analysis: CaptureAnalysis, to directory: String) throws
    {
        var random = SystemRandomNumberGenerator()
        let mask = anonymize ? AddressMask(key: (random.next(), random.next())) : nil
        let exporter = EvidenceExporter(directory: directory, mask: mask)
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
