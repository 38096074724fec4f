import ArgumentParser
import Diagnosis
import Glibc
import HTMLReport
import Host
import POSIX
import Reports
import TCPState

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Summarise the JSON lines of a live run: findings, stuck connections, states.",
        usage: "wirestate events [<options>] <files> ...",
        discussion: """
            Reads the lines that 'live --json' has written, from one run or several, in any order.

            EXAMPLES
              wirestate events /var/log/wirestate.jsonl
                    last night
              wirestate events --html night.html /var/log/wirestate.jsonl
                    the same as a page, with the states over time
              journalctl -u wirestate -o cat --since yesterday | wirestate events -
                    read the journal
            """)

    @Argument(help: "Files of JSON lines; '-' is standard input.")
    var files: [String]

    @Option(help: "How states are spelled in the lines: netstat, ss, rfc, otel, bsd or windows.")
    var states: StateSpelling = .netstat

    @Option(
        help: ArgumentHelp("Also write the summary as one HTML file.", valueName: "file"))
    var html: String?

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @OptionGroup var text: TextOptions

    /// The longest line that is read, in bytes.
    private static let lineLimit = 1 << 16

    mutating func validate() throws {
        if files.isEmpty { throw ValidationError("Name a file, or '-'.") }
        try TextOrJSON.validate(format, [("json", json, .json)])
    }

    func run() throws {
        var summary = EventSummary(spelling: states)
        var troubles: [String] = []
        for file in files {
            let descriptor =
                file == "-"
                ? STDIN_FILENO
                : unsafe withPath(file) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
            guard descriptor >= 0 else {
                troubles.append("\(file): \(systemText(errno))")
                continue
            }
            var lines = LineReader(descriptor: descriptor, limit: EventsCommand.lineLimit)
            while let line = lines.next() { summary.read(line) }
            if descriptor != STDIN_FILENO { close(descriptor) }
        }
        if summary.damaged > 0 {
            troubles.append(
                "\(Count(summary.damaged)) of \(Count(summary.lines).of("line")) are not events: ignored"
            )
        }
        if let html {
            let inputs = files.compactMap { FileIdentity(path: $0) }
            try DocumentFile(html, inputs: inputs).write(
                summary, as: HTMLEventSummary(spelling: states))
        }
        var output = Output()
        if TextOrJSON.chosen(format, [("json", json, .json)]) == .json {
            var format = JSONEventSummary(spelling: states)
            format.write(summary, to: &output)
        } else {
            let layout = text.layout
            var format = ASCIIText(TextEventSummary(spelling: states, layout: layout), layout)
            format.write(summary, to: &output)
        }
        output.finish()
        complain(troubles)
        if !troubles.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }
}
