import Analysis
import ArgumentParser
import Reports
import TCPState
import Tracking

struct TransitionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transitions",
        abstract: "Every state change of both endpoints, in time order.",
        usage: "wirestate transitions [<options>] <files> ... [-- <filter>]",
        discussion: """
            EXAMPLES
              wirestate transitions incident.pcapng | grep CLOSE_WAIT
              wirestate transitions --json incident.pcapng | jq 'select(.grade == "assumed")'
              wirestate transitions --states rfc incident.pcapng -- port 8080
              wirestate transitions --follow growing.pcap
                    as they are found (--events) while tcpdump writes the file
            """)

    @Flag(
        help: """
            As they are found: an inference (+) at once, its confirmation (=) or withdrawal (-) when \
            that comes.
            """)
    var events = false

    @Option(help: "How to print them: \(TransitionsFormat.names).")
    var format: TransitionsFormat?

    @OptionGroup var options: CommonOptions

    func validate() throws {
        try TransitionsFormat.validate(format, [("json", options.json, .json)])
        if let format, format.isZeek, events || options.follow {
            throw ValidationError(
                "--format \(format.rawValue) has no --events and follows no file.")
        }
    }

    func run() throws {
        if events || options.follow { return try stream() }
        let (input, history) = try options.analysis.history()
        let output = Output()
        let frames = input.summary.numbering
        if input.hasNothing {
            // The trouble is all there is to say.
        } else {
            let spelling = options.states
            switch effectiveFormat {
            case .text:
                let format = TextTransitions(spelling: spelling, frames: frames, palette: .standard)
                write(history, format, output)
            case .json: write(history, JSONTransitions(options.style(frames)), output)
            case .zeek, .zeekJSON:
                let format = ZeekTransitions(
                    isJSON: effectiveFormat == .zeekJSON, spelling: spelling, frames: frames)
                write(history, format, output)
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
        var format =
            effectiveFormat == .json
            ? TransitionEvents(options.style(options.eventNumbering))
            : TransitionEvents(spelling: options.states)
        let input = try options.analysis.transitionEvents(beforeWaiting: { output.flush() }) {
            if !output.isClosed { format.write($0, $1, to: &output) }
        }
        try input.end(output)
    }

    private func write<F: Format<TransitionRow>>(
        _ history: TransitionHistory, _ format: F, _ output: Output
    ) {
        var format = format
        var output = output
        format.begin(&output)
        for row in history.rows(isNear: options.analysis.options.isNear) {
            if output.isClosed { break }
            format.write(row, to: &output)
        }
        format.end(&output)
    }
}
