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

    @OptionGroup var options: CommonOptions

    func run() throws {
        if events || options.follow { return try stream() }
        var history = TransitionHistory()
        let run = try Run(options, &history)
        let output = Output()
        let frames = run.account.numbering
        if run.hasNothing {
            // The trouble is all there is to say.
        } else if options.json {
            write(history, JSONTransitions(spelling: options.states, frames: frames), output)
        } else {
            let format = TextTransitions(
                spelling: options.states, frames: frames, palette: .standard)
            write(history, format, output)
        }
        try run.end(output)
    }

    private func stream() throws {
        let output = Output()
        let format = TransitionEvents(
            spelling: options.states, frames: options.eventNumbering, isJSON: options.json)
        var observer = TransitionStream(format, output)
        try Run(alone: options, &observer, beforeWaiting: { output.flush() }).end(output)
    }

    private func write<F: Format<TransitionRow>>(
        _ history: TransitionHistory, _ format: F, _ output: Output
    ) {
        var format = format
        var output = output
        format.begin(&output)
        for entry in history.timeline(isNear: options.isNear) {
            if output.isClosed { break }
            guard let record = history.record(of: entry) else { continue }
            let row = TransitionRow(
                transition: entry.transition, time: entry.time, timeInState: entry.timeInState,
                record: record)
            format.write(row, to: &output)
        }
    }
}
