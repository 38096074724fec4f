import Analysis
import ArgumentParser
import Capture
import Reports
import TCPState
import Wire

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "One connection as a ladder with the proof of its states; or a state.",
        usage: """
            wirestate explain [<options>] <files> ... [-- <filter>]
            wirestate explain <state>
            """,
        discussion: """
            The client's state, an arrow for each segment, the server's state: as they were, by the \
            final history. Numbers count from each side's first one. Long runs of data are folded.

            EXAMPLES
              wirestate explain incident.pcapng --stream 6
                    the connection that Wireshark calls tcp.stream 6
              wirestate explain incident.pcapng --connection '10.1.1.105:40423 10.1.1.2:8080'
                    the first one between two ends
              wirestate explain CLOSE_WAIT
                    a state, in any spelling: what it means, what keeps it, what to do
            """)

    @Option(help: ArgumentHelp("The stream's number, as Wireshark counts.", valueName: "number"))
    var stream: UInt32?

    @Option(
        help: ArgumentHelp(
            "Both ends, in any order: 'ADDRESS:PORT ADDRESS:PORT'.", valueName: "ends"))
    var connection: String?

    @Option(help: "How to print it: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @OptionGroup var options: CommonOptions

    /// The state to explain, where the only word is a state's name.
    private var state: State? {
        guard stream == nil, connection == nil, options.files.count == 1 else { return nil }
        return StateGuide.state(named: options.files[0])
    }

    private var isJSON: Bool {
        TextOrJSON.chosen(format, [("json", options.json, .json)]) == .json
    }

    mutating func validate() throws {
        try TextOrJSON.validate(format, [("json", options.json, .json)])
        if state != nil { return }
        if (stream == nil) == (connection == nil) {
            throw ValidationError("Name one connection: by --stream or by --connection.")
        }
        if let connection, ExplainCommand.ends(connection) == nil {
            throw ValidationError(
                "--connection '\(connection)' is not 'ADDRESS:PORT ADDRESS:PORT'.")
        }
    }

    func run() throws {
        if let state {
            var output = Output()
            if isJSON {
                var format = JSONStateGuide(options.style())
                format.write(StateGuide(state), to: &output)
            } else {
                var format = TextStateGuide()
                format.write(StateGuide(state), to: &output)
            }
            output.finish()
            if output.exitCode != 0 { throw CommandFailure() }
            return
        }
        let analysis = options.analysis
        let ends = connection.flatMap(ExplainCommand.ends)?.map { end in
            analysis.options.replacement(of: end.address).text(port: end.port)
        }
        let stream = self.stream
        let (input, ladders, _) = try analysis.traces { record in
            if let stream { return record.connection.stream == stream }
            let names = Side.allCases.map { record.address($0).text(port: record.port($0)) }
            return ends == names || ends == names.reversed()
        }
        var output = Output()
        if !input.hasNothing {
            guard let ladder = ladders.values.first else {
                throw CommandFailure(lines: ["no such connection in the capture"], code: 2)
            }
            let frames = input.summary.numbering
            if isJSON {
                var format = JSONLadder(options.style(frames))
                format.write(ladder, to: &output)
            } else {
                var format = TextLadder(
                    spelling: options.states, frames: frames, palette: .standard)
                format.write(ladder, to: &output)
            }
        }
        try input.end(output)
    }

    /// Two ends; nil for anything else.
    private static func ends(_ text: String) -> [(address: Address, port: UInt16)]? {
        let words = text.split(separator: " ")
        let ends = words.compactMap { word -> (Address, UInt16)? in
            guard let colon = word.lastIndex(of: ":"),
                let port = UInt16(word[word.index(after: colon)...])
            else { return nil }
            let name = word[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
            return Address(name).map { ($0, port) }
        }
        return ends.count == 2 && words.count == 2 ? ends : nil
    }
}
