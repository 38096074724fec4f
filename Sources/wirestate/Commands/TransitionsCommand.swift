import Analysis
import ArgumentParser
import Documents
import Reports
import TCPState
import Tracking
import Wire

struct TransitionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transitions",
        abstract: "List every state change of both endpoints, in time order or by connection.",
        usage: """
            wirestate transitions [<options>] <files> ...
                [-- <filter>]
            """,
        discussion: """
            In a pipe every line ends with the addresses of its connection; on a narrow terminal they \
            are on lines of their own. The grade says how sure a change is: 'proved' by a segment of that end, \
            'inferred' from the segment that causes it, or 'assumed' because of a timer or missing packets.

            EXAMPLES
              wirestate transitions incident.pcapng | grep CLOSE_WAIT
              wirestate transitions --json f.pcap | jq 'select(.grade == "assumed")'
              wirestate transitions --states rfc incident.pcapng -- port 8080
              wirestate transitions --order connection --json huge.pcap
                    print each connection's changes when it ends, with little memory
              wirestate transitions --follow growing.pcap
                    print events (--events) while tcpdump writes the file
            """)

    @Flag(
        help: """
            Print changes as they are found: + found, = confirmed, - withdrawn, ~ amended.
            """)
    var events = false

    @Option(
        help: """
            Order of the lines; 'connection' prints each connection when it ends: faster, and with little memory.
            """)
    var order = TransitionsOrder.time

    @Option(help: "Output format.")
    var format: TransitionsFormat?

    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var filter: FilterOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try TransitionsFormat.validate(format, [("json", options.json, .json)])
        try checkpoints.validate(
            options, without: [("--order connection", order == .connection)])
        if let format, format.isZeek, events || options.follow {
            throw ValidationError(
                "--format \(format.rawValue) does not work with --events or --follow.")
        }
        if events || options.follow, order == .connection {
            throw ValidationError(
                "--order connection prints histories that are complete: it does not work with --events or"
                    + " --follow.")
        }
        if events || options.follow, !filter.condition.isAll {
            throw ValidationError(
                "--where needs whole connections: it does not work with --events or --follow.")
        }
    }

    func run() throws {
        try partErrors {
            let listing = TransitionListing(
                filter.condition, options.analysis, options.style,
                checkpoints.isUsed ? checkpoints.analysis(options) : nil)
            if events || options.follow {
                return try listing.stream(isJSON: chosen == .json, options.eventNumbering)
            }
            if order == .time { return try listing.list(as: chosen) }
            try ConnectionwiseListing(filter.condition, options.analysis, options.style)
                .list(as: chosen)
        }
    }

    /// The format that is asked for, by either flag.
    private var chosen: TransitionsFormat {
        .chosen(format, [("json", options.json, .json)])
    }
}
