import Analysis
import ArgumentParser
import Arguments
import Diagnosis
import Documents
import Reports
import TCPState
import Wire

struct NetstatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netstat",
        abstract: "Print the socket table as netstat would have shown it at any moment.",
        usage: """
            wirestate netstat [<options>] <files> ...
                [-- <filter>]
            """,
        discussion: """
            Each end of a connection has its own row; --as shows one host's sockets. States are those of \
            the final history, without what later packets disproved. Send-Q counts bytes that were sent and \
            not acknowledged; a kernel also counts bytes that it has not sent yet. Recv-Q is always 0, since \
            packets do not show what an application has read. Sockets in CLOSE, LISTEN and UNKNOWN are not \
            shown. Timers (-o): the time left is known in TIME_WAIT and orphaned FIN_WAIT2; a retransmission \
            timer is shown as running.

            EXAMPLES
              wirestate netstat incident.pcapng
                    the sockets at the end of the capture
              wirestate netstat incident.pcapng --at 2026-11-21T01:02:55Z --as 10.1.1.2
                    one host's sockets at a moment
              wirestate netstat incident.pcapng --at +12.5s --ss
                    12.5 s after the first frame, as ss prints them
              wirestate netstat incident.pcapng | awk '/^tcp/ {++S[$NF]}
                    END {for (a in S) print a, S[a]}'
                    count the sockets in each state
              wirestate netstat incident.pcapng --histogram
                    count the sockets in each state over time
            """)

    @Option(
        help: ArgumentHelp(
            """
            The moment: ISO 8601, seconds since 1970, a time of day in UTC, '+12.5s' after the first \
            frame, or 'end'.
            """, valueName: "time"))
    var at: TimeArgument?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Show only the sockets of these addresses or prefixes, separated by commas.",
            valueName: "address[/length],..."),
        transform: AddressSet.init(argument:))
    var owner: AddressSet?

    @Option(
        help: ArgumentHelp(
            "Print a table at this interval, such as 1s or 500ms, from --at or the first frame on.",
            valueName: "interval"))
    var every: String?

    @Flag(
        help: """
            Count the sockets in each state over time, one line per --every; by default the interval \
            gives about 20 to 40 lines.
            """)
    var histogram = false

    @Option(help: "Output format: \(SocketFormat.names).")
    var format: SocketFormat?

    @Flag(help: "Print the table as ss does: short for --format ss.")
    var ss = false

    @Flag(name: .customShort("o"), help: "Show timers, as netstat -o and ss -o do.")
    var timers = false

    @Flag(
        name: [
            .customShort("n"), .customShort("t"), .customShort("a"), .customShort("W"),
            .customShort("p"), .customShort("l"), .customShort("e"), .customShort("i"),
        ],
        help: ArgumentHelp(
            "Accepted for compatibility with netstat and ss: no effect.", visibility: .hidden))
    var asAlways: Int

    @OptionGroup var options: CommonOptions

    /// The time between instants; nil for one instant, and where the length of the capture decides.
    private var step: TimeSpan? { every.map { TimeSpan(argument: $0) ?? 0 } }

    private var formatFlags: [SocketFormat.Flag] {
        [("json", options.json, .json), ("ss", ss, .ss)]
    }

    private var owners: AddressSet { owner ?? [] }

    /// Those as the output has them.
    private func shownOwners(_ analysis: CaptureAnalysis) -> AddressSet {
        owners.replacingAddresses { analysis.options.replacement(of: $0) }
    }

    mutating func validate() throws {
        try SocketFormat.validate(format, formatFlags)
        guard let every else { return }
        _ = try validating { () throws(ArgumentFailure) in
            try FlagChecks.interval(every, of: "--every", example: "1s or 500ms")
        }
    }

    func run() throws {
        let start = at
        let analysis = options.analysis
        let (input, series) = try analysis.sockets(
            at: start.map { start in { start.time(from: $0) } }, every: step,
            isHistogram: histogram)
        let output = Output()
        if !input.hasNothing {
            if series.count > SocketSeries.limit {
                throw RunFailure(
                    "--every: more than \(SocketSeries.limit) tables: use a longer interval",
                    cause: .request)
            }
            let summary = input.summary
            complain(
                SocketRemarks.lines(summary, at: summary.first.flatMap { at?.time(from: $0) }))
            listing.write(series, of: shownOwners(analysis), to: output)
        }
        try input.end(output)
    }

    /// What the flags ask for.
    private var listing: SocketListing {
        var listing = SocketListing(options.style)
        listing.format = .chosen(format, formatFlags)
        listing.timers = timers ? options.profile : nil
        listing.isHistogram = histogram
        listing.isEnd = (at ?? .end) == .end && step == nil
        listing.hasTitles = step != nil
        return listing
    }
}
