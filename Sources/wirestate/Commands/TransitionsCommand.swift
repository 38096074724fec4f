import Analysis
import ArgumentParser
import Reports
import TCPState
import Tracking
import Wire

struct TransitionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transitions",
        abstract: "List every state change of both endpoints, in time order or by connection.",
        usage: "wirestate transitions [<options>] <files> ... [-- <filter>]",
        discussion: """
            In a pipe every line ends with the addresses of its connection; on a narrow terminal they \
            stand in lines of their own.

            EXAMPLES
              wirestate transitions incident.pcapng | grep CLOSE_WAIT
              wirestate transitions --json f.pcap | jq 'select(.grade == "assumed")'
              wirestate transitions --states rfc incident.pcapng -- port 8080
              wirestate transitions --order connection --json huge.pcap
                    print each connection's changes when it ends, in little memory
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
            Order of the lines; by connection, each when it ends: faster, and in little memory.
            """)
    var order = TransitionsOrder.time

    @Option(help: "Output format.")
    var format: TransitionsFormat?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try TransitionsFormat.validate(format, [("json", options.json, .json)])
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
                "--where judges whole connections: it does not work with --events or --follow.")
        }
    }

    func run() throws {
        if events || options.follow { return try stream() }
        if order == .connection {
            return try ConnectionwiseListing(filter.condition, options).list(as: effectiveFormat)
        }
        let (input, history) = try options.analysis.history()
        let output = Output()
        let frames = input.summary.numbering
        if input.hasNothing {
            // The trouble is all there is to say.
        } else {
            let spelling = options.states
            switch effectiveFormat {
            case .text:
                let layout = options.layout
                let format = TextTransitions(spelling: spelling, frames: frames, layout: layout)
                write(history, ASCIIText(format, layout), input, output)
            case .json:
                write(history, JSONTransitions(options.style(frames)), input, output)
            case .zeek, .zeekJSON:
                let format = ZeekTransitions(
                    isJSON: effectiveFormat == .zeekJSON, spelling: spelling, frames: frames)
                write(history, format, input, output)
            }
        }
        try input.end(output)
    }

    /// The format that is asked for, by either flag.
    private var effectiveFormat: TransitionsFormat {
        .chosen(format, [("json", options.json, .json)])
    }

    private func stream() throws {
        var output = Output()
        let layout = options.layout
        var format =
            effectiveFormat == .json
            ? TransitionEvents(options.style(options.eventNumbering))
            : TransitionEvents(spelling: options.states, layout: layout)
        let input = try options.analysis.transitionEvents(beforeWaiting: { output.flush() }) {
            if !output.isClosed { format.write($0, $1, to: &output) }
        }
        try input.end(output)
    }

    private func write<F: Format<TransitionRow>>(
        _ history: TransitionHistory, _ format: F, _ input: InputResult, _ output: Output
    ) {
        var format = format
        var output = output
        format.begin(&output)
        let end = input.summary.last ?? Timestamp(nanoseconds: 0)
        let rows = history.rows(isNear: options.analysis.options.isNear)
        for row in rows.matching(filter.condition, at: end) {
            if output.isClosed { break }
            format.write(row, to: &output)
        }
        format.end(&output)
    }
}
