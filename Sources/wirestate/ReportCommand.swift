import ArgumentParser
import Diagnosis
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
              wirestate report --json incident.pcapng | jq 'select(.finding).finding.title'
            """)

    @Flag(help: "Show every finding and every connection of it, not only a few.")
    var all = false

    @Flag(help: "Markdown, for a ticket.")
    var markdown = false

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        if markdown, options.json {
            throw ValidationError("Ask for --json or for --markdown, not both.")
        }
    }

    func run() throws {
        let (run, report) = try findings.report(options, exampleLimit: all ? nil : 3)
        var output = Output()
        if run.hasNothing {
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
        try run.end(output)
    }
}
