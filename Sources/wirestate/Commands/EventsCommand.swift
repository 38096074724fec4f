import ArgumentParser
import Glibc
import Host
import POSIX
import Reports
import TCPState

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "What the JSON lines of a live run come to: findings, stuck connections, states.",
        usage: "wirestate events [<options>] <files> ...",
        discussion: """
            Reads the lines that 'live --json' has written, of one run or several, in any order.

            EXAMPLES
              wirestate events /var/log/wirestate.jsonl
                    last night
              journalctl -u wirestate -o cat --since yesterday | wirestate events -
                    the same from the journal
            """)

    @Argument(help: "Files of JSON lines; '-' is standard input.")
    var files: [String]

    @Option(help: "How states are spelled in the lines: netstat, ss, rfc, otel, bsd or windows.")
    var states: StateSpelling = .netstat

    @OptionGroup var text: TextOptions

    /// The longest line that is read, in bytes.
    private static let lineLimit = 1 << 16

    mutating func validate() throws {
        if files.isEmpty { throw ValidationError("Name a file, or '-'.") }
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
            troubles.append("\(summary.damaged) of \(summary.lines) lines are no events: left out")
        }
        var output = Output()
        let layout = text.layout
        var format = ASCIIText(TextEventSummary(spelling: states, layout: layout), layout)
        format.write(summary, to: &output)
        output.finish()
        complain(troubles)
        if !troubles.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }
}
