import ArgumentParser
import Diagnosis
import Reports
import TCPState
import Tracking
import Wire

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "The half-closed and stuck connections, the states, the endings.",
        usage: "wirestate report [<options>] <files> ... [-- <filter>]",
        discussion: """
            EXAMPLES
              wirestate report incident.pcapng
              wirestate report --all --local 10.1.1.2 incident.pcapng
              wirestate report --json incident.pcapng | jq 'select(.stuck).stuck.sentence'
            """)

    @Flag(help: "Show every connection of a group, not only the three oldest.")
    var all = false

    @OptionGroup var options: CommonOptions

    func run() throws {
        var observer = OverviewObserver(local: options.localAddresses)
        let run = try Run(options, &observer) { observer, end in observer.end = end }
        let report = Report(
            account: run.account, overview: observer.overview, spelling: options.states,
            vantage: options.vantage)
        var output = Output()
        if run.hasNothing {
            // Nothing was read: the trouble is all there is to say.
        } else if options.json {
            var format = JSONReport()
            format.write(report, to: &output)
        } else {
            var format = TextReport(palette: .standard, limit: all ? nil : 3)
            format.write(report, to: &output)
        }
        try run.end(output)
    }
}

/// Counts every connection when it departs and keeps the stuck ones.
struct OverviewObserver: DepartureObserver {
    var overview: Overview
    /// When the capture ended; nil before that.
    var end: Timestamp?

    init(local: Set<Address>) {
        overview = Overview(local: local)
    }

    func part() -> OverviewObserver { OverviewObserver(local: overview.localAddresses) }

    mutating func join(_ part: OverviewObserver, _ numbers: Numbering.Part) {
        overview.add(evicted: part.overview)
    }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        overview.take(record, at: reason == .captureEnd ? end : nil)
    }
}
