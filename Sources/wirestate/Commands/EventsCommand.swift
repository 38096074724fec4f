import ArgumentParser
import Diagnosis
import Documents
import HTMLReport
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
                    a summary of one log
              wirestate events --html night.html /var/log/wirestate.jsonl
                    the same as an HTML page, with the states over time
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

    mutating func validate() throws {
        if files.isEmpty { throw ValidationError("Name a file, or '-'.") }
        try TextOrJSON.validate(format, [("json", json, .json)])
    }

    func run() throws {
        let events = EventFiles(files, spelling: states)
        let summary = events.summary
        if let html {
            let inputs = files.compactMap { FileIdentity(path: $0) }
            try DocumentFile(html, inputs: inputs).write(
                summary, as: HTMLEventSummary(spelling: states))
        }
        let output = Output()
        if TextOrJSON.chosen(format, [("json", json, .json)]) == .json {
            output.write(summary, as: JSONEventSummary(spelling: states))
        } else {
            let layout = text.layout
            let text = TextEventSummary(spelling: states, layout: layout)
            output.write(summary, as: ASCIIText(text, layout))
        }
        try output.end(events.problems)
    }
}
