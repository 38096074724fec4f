import Analysis
import ArgumentParser
import Diagnosis
import Documents
import POSIX
import Reports
import TCPState
import Tracking
import Wire

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Report what is wrong, who has to act, and what to do.",
        usage: """
            wirestate report [<options>] <files> ...
                [-- <filter>]
            """,
        discussion: """
            Findings are grouped by kind, the worst first. The worst kinds are described, each with its \
            worst service. The fault is the side that has to act. The evidence is 'proved' by packets, \
            'inferred' where another explanation stays open, or 'assumed' from packets that are missing.

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
              wirestate report --resume monday.ckpt --checkpoint tuesday.ckpt tuesday.pcapng
              wirestate report --json incident.pcapng | jq 'select(.finding).finding.title'
            """)

    @OptionGroup var shape: ReportOptions

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

    @OptionGroup var checkpoints: CheckpointOptions

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try shape.validate(json: options.json)
        try checkpoints.validate(
            options,
            without: [
                ("--html", html != nil), ("--sqlite", sqlite != nil),
                ("--evidence", evidence != nil),
            ])
        if options.files.contains(where: isStream) {
            for (flag, value) in [("evidence", evidence), ("html", html)]
            where value != nil {
                throw ValidationError(
                    "--\(flag) reads the captures again, so standard input and pipes do not work.")
            }
        }
    }

    func run() throws {
        let listing = shape.listing(json: options.json, options.style)
        let needsMore = evidence != nil || sqlite != nil
        let limit = listing.exampleLimit(
            others: needsMore ? EvidenceExporter.connectionLimit : nil)
        let analysis = options.analysis
        var (input, whole, histories) = try read(analysis, limit)
        listing.narrow(&whole)
        let output = Output()
        // Where nothing was read, the trouble is all there is to say.
        if !input.hasNothing {
            let report = listing.shown(whole)
            listing.write(report, to: output)
            let documents = ReportDocuments(report: whole, analysis: analysis)
            if let evidence { try documents.writeEvidence(to: evidence) }
            if let html {
                try ReportDocuments(report: report, analysis: analysis).writeHTML(to: html)
            }
            if let sqlite, let histories { try documents.writeSQLite(histories, to: sqlite) }
        }
        try input.end(output)
    }

    /// The report, and where a document needs them the histories.
    private func read(
        _ analysis: CaptureAnalysis, _ limit: Int?
    ) throws -> (InputResult, Report, HistoriesByConnection?) {
        if checkpoints.isUsed {
            let (input, report) = try partErrors {
                try checkpoints.analysis(options).report(
                    findings.limits, exampleLimit: limit, spelling: options.states,
                    where: shape.filter.condition)
            }
            return (input, report, nil)
        }
        guard sqlite != nil else {
            let (input, report) = try analysis.report(
                findings.limits, exampleLimit: limit, spelling: options.states,
                where: shape.filter.condition)
            return (input, report, nil)
        }
        return try analysis.reportAndHistories(
            findings.limits, exampleLimit: limit, spelling: options.states,
            where: shape.filter.condition)
    }
}
