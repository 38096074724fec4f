import Analysis
import ArgumentParser
import Documents
import Monitoring
import Reports

struct ZabbixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zabbix",
        abstract: "Print what is stuck at the end of a capture as input for zabbix_sender.",
        usage: """
            wirestate zabbix --host <name> [<options>]
                <files> ... [-- <filter>]
            """,
        discussion: """
            Zabbix needs the template "Wirestate by trapper". A host that runs 'live --listen' is polled \
            by the template "Wirestate by HTTP" instead, and needs no such lines.

            EXAMPLES
              timeout 60 tcpdump -i eth0 -s 128 -w - tcp | wirestate zabbix --host web1 - \
            | zabbix_sender -z zabbix.example -T -i -
                    one minute of packets
            """)

    @Option(help: ArgumentHelp("Name of the host in Zabbix.", valueName: "name"))
    var host: String

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    mutating func validate() throws {
        if options.json { throw ValidationError("zabbix does not support --json.") }
        if host.isEmpty || host != host.visible {
            throw ValidationError("--host '\(host.visible)' is not a host name.")
        }
    }

    func run() throws {
        let (input, report) = try options.analysis.report(
            findings.limits, spelling: options.states)
        let output = Output()
        if !input.hasNothing { output.write(report, as: ZabbixLines(host: host)) }
        try input.end(output)
    }
}
