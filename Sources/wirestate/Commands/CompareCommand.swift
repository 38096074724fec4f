import Analysis
import ArgumentParser
import Arguments
import Capture
import Comparison
import Documents
import HTMLReport
import POSIX
import Reports
import TCPState
import Wire

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare captures from taps along a path: what was lost, changed or injected, and where.",
        usage: """
            wirestate compare [<options>] --tap <name>=<file> ...
                [-- <filter>]
            """,
        discussion: """
            Finds the same connections at all taps, with the same or with translated addresses, measures the \
            offset of their clocks, and tells for each segment whether it arrived, or was lost, changed or \
            injected between the taps. The tap 'client' is the first on the path, 'server' the last; others lie \
            between them in the given order.

            EXAMPLES
              wirestate compare --tap client=client.pcap --tap server=server.pcap
              wirestate compare --tap client=c1.pcap c2.pcap --tap proxy=p.pcap --tap server=s.pcap
                    rotated files of one tap follow one another
              wirestate compare --tap client=c.pcap --tap server=s.pcap --json | jq .path.verdicts
              wirestate compare --tap client=c.pcap --tap server=s.pcap --connection 10.1.1.105:40423
                    one connection segment by segment: states, where each segment got to, verdicts, findings
              wirestate compare --tap client=c.pcap --tap server=s.pcap --transitions
                    the states of both ends, each as seen at the nearest tap
              wirestate compare --tap client=c.pcap --tap server=s.pcap -- port 5432
            """)

    @OptionGroup var taps: TapOptions

    @Option(
        help: ArgumentHelp(
            "Explain the first connection with one or both of these ends at any tap, segment by segment.",
            valueName: "ends"),
        transform: ConnectionEnds.init(_:))
    var connection: ConnectionEnds?

    @Option(
        help: ArgumentHelp(
            "Write the comparison as one HTML file, with a ladder of each connection.",
            valueName: "file"))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write the packets of affected connections to this directory, one pcapng file for each tap,"
                + " with packet comments; at most \(TapEvidence.connectionLimit) connections.",
            valueName: "directory"))
    var evidence: String?

    @Flag(
        help: """
            List every state change of both ends, each as seen at the nearest tap, in the first tap's time.
            """)
    var transitions = false

    @Flag(help: "Show all connections.")
    var all = false

    @Option(help: ArgumentHelp("How to spell states.", valueName: "spelling"))
    var states: StateSpelling = .netstat

    @OptionGroup var timers: StackOptions

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Flag(help: "With --json, also print a line for each segment and what became of it.")
    var segments = false

    @Option(
        help: "Names of the JSON fields: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @OptionGroup var captureFilter: CaptureFilterOptions

    @OptionGroup var text: TextOptions
    @OptionGroup var anonymization: AnonymizeOptions

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    func validate() throws {
        try TextOrJSON.validate(format, [("json", json, .json)])
        if segments, !isJSON { throw ValidationError("--segments needs --json.") }
        if transitions, segments || connection != nil {
            throw ValidationError(
                "--transitions lists the state changes of all connections: use it without --segments and --connection."
            )
        }
        if segments, connection != nil {
            throw ValidationError(
                "--connection prints the segments already: it does not work with --segments.")
        }
        try taps.requireTwo()
        let readers = [
            (evidence != nil, "--evidence"), (transitions, "--transitions"),
            (connection != nil, "--connection"),
        ]
        if let (_, name) = readers.first(where: \.0),
            try taps.files.contains(where: isStream)
        {
            throw ValidationError(
                "\(name) reads the captures twice, so standard input and pipes do not work.")
        }
    }

    private var isJSON: Bool { TextOrJSON.chosen(format, [("json", json, .json)]) == .json }

    func run() throws {
        let run = try TapRun(
            taps.readings(captureFilter.expression, engine, anonymization))
        var output = Output()
        if let report = run.report {
            try write(report, run, to: &output)
            if let html {
                try DocumentFile(html, inputs: try inputs).write(report, as: HTMLComparison())
            }
            if let evidence { try writeEvidence(report, run.readings, to: evidence) }
        }
        try run.end(output)
    }

    /// The files that are read, which no output may be.
    private var inputs: [FileIdentity] {
        get throws { try taps.files.compactMap { FileIdentity(path: $0) } }
    }

    private func write(
        _ report: ComparisonReport, _ run: TapRun, to output: inout Output
    ) throws {
        if transitions { return try writeTransitions(report, run, to: &output) }
        let layout = text.layout
        if let connection {
            let ladder = try run.ladder(of: connection, in: report, timers.profile)
            return output.write(ladder, isJSON: isJSON, style)
        }
        if isJSON {
            return output.write(report, as: JSONComparison(names: names, hasSegments: segments))
        }
        let limit = all ? nil : TextComparison.standardLimit
        output.write(report, as: ASCIIText(TextComparison(layout: layout, limit: limit), layout))
    }

    private var style: DocumentStyle {
        DocumentStyle(spelling: states, layout: text.layout, names: names)
    }

    private func writeTransitions(
        _ report: ComparisonReport, _ run: TapRun, to output: inout Output
    ) throws {
        let history = try run.history(report, timers.profile)
        func write(_ format: some Format<PathTransition>) {
            var format = format
            format.begin(&output)
            for change in history.changes {
                if output.isClosed { break }
                format.write(change, to: &output)
            }
            format.end(&output)
        }
        if isJSON {
            write(JSONPathTransitions(report, style.json()))
        } else {
            let layout = text.layout
            write(
                ASCIIText(
                    TextPathTransitions(report, spelling: states, layout: layout), layout))
        }
    }

    private func writeEvidence(
        _ report: ComparisonReport, _ readings: [TapReading], to directory: String
    ) throws {
        let paths: [String]
        do {
            paths = try TapEvidence(directory: directory).write(
                report, readings, inputs: try inputs)
        } catch let failure as EvidenceFailure {
            throw RunFailure("\(failure.path): \(failure.error.reason)")
        }
        for path in paths { writeToStandardError("\(path.visible)\n") }
    }
}
