import Analysis
import ArgumentParser
import Arguments
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
        for (flag, isGiven) in [("--evidence", evidence != nil), ("--html", html != nil)]
        where isGiven {
            try validating { () throws(ArgumentFailure) in
                try FlagChecks.refuseStreams(options.files, for: flag, "again")
            }
        }
    }

    func run() throws {
        var run = ReportRun(
            shape.listing(json: options.json, options.style), options.style, options.analysis,
            piece: checkpoints.isUsed ? checkpoints.analysis(options) : nil)
        run.limits = findings.limits
        run.filter = shape.filter.condition
        run.html = html
        run.evidence = evidence
        run.sqlite = sqlite
        let output = Output()
        try partErrors { try run.write(to: output) }.end(output)
    }
}
