import Analysis
import ArgumentParser
import Capture
import Comparison
import Glibc
import HTMLReport
import Host
import POSIX
import Reports
import TCPState
import Wire

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare captures of two taps or more on one path: who did it, and where.",
        usage: """
            wirestate compare [<options>] --tap client=<file> ... --tap server=<file> ... [-- <filter>]
            """,
        discussion: """
            Finds the same connections at all taps, with the same addresses or translated, measures how their \
            clocks differ, and says of each segment whether it arrived, was lost, changed or made between the \
            taps. The tap 'client' is the first on the path and 'server' the last one; others lie between them \
            in the order in which they are named.

            EXAMPLES
              wirestate compare --tap client=client.pcap --tap server=server.pcap
              wirestate compare --tap client=c1.pcap c2.pcap --tap proxy=p.pcap --tap server=s.pcap
                    rotated files of one tap follow one another
              wirestate compare --tap client=c.pcap --tap server=s.pcap --json | jq .path.verdicts
              wirestate compare --tap client=c.pcap --tap server=s.pcap --connection 10.1.1.105:40423
                    one connection segment by segment: states, fates, verdicts, findings
              wirestate compare --tap client=c.pcap --tap server=s.pcap --transitions
                    the states of both ends, each by the tap nearest to it
              wirestate compare --tap client=c.pcap --tap server=s.pcap -- port 5432
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "A tap's name and its files, merged by time; repeat it for each tap.",
            valueName: "name=file ..."))
    var tap: [String] = []

    @Option(
        help: ArgumentHelp(
            "Explain the first connection with one or both of these ends at any tap, segment by segment.",
            valueName: "ends"),
        transform: ConnectionEnds.init(argument:))
    var connection: ConnectionEnds?

    @Option(
        help: ArgumentHelp(
            "Write the comparison as one HTML file, with a ladder of each connection.",
            valueName: "file"))
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Write each tap's packets of the connections that something happened to into a pcapng file in"
                + " this directory, with packet comments; at most \(TapEvidence.connectionLimit) connections.",
            valueName: "directory"))
    var evidence: String?

    @Flag(
        help: """
            List every state change of both ends, each as the tap nearest to the end shows it, by the first tap's clock.
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

    @Flag(help: "In JSON, print a line for the fate of each segment, too.")
    var segments = false

    @Option(
        help: "Whose names JSON fields have: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @OptionGroup var captureFilter: CaptureFilterOptions

    @Option(
        help: ArgumentHelp(
            """
            Keep at most this many segments of each tap, at 128 bytes each; a connection counts as four. Default: \
            as many as fit into half of the free memory.
            """, valueName: "count"))
    var maxSegments: Int?

    @OptionGroup var text: TextOptions
    @OptionGroup var anonymization: AnonymizeOptions

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    func validate() throws {
        try TextOrJSON.validate(format, [("json", json, .json)])
        if let maxSegments, maxSegments < 1 {
            throw ValidationError("--max-segments must be at least 1.")
        }
        if segments, !isJSON { throw ValidationError("--segments goes with --json.") }
        if transitions, segments || connection != nil {
            throw ValidationError(
                "--transitions lists state changes of all connections: it does not go with --segments or --connection."
            )
        }
        let taps = try TapArgument.all(tap)
        if taps.count < 2 {
            throw ValidationError(
                "Name two taps or more: --tap client=client.pcap --tap server=server.pcap.")
        }
        if taps.flatMap(\.files).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input ('-') can be named only once.")
        }
        let readers = [
            (evidence != nil, "--evidence"), (transitions, "--transitions"),
            (connection != nil, "--connection"),
        ]
        if let (_, name) = readers.first(where: \.0),
            taps.flatMap(\.files).contains(where: isStream)
        {
            throw ValidationError(
                "\(name) reads the captures twice, so standard input and pipes do not work.")
        }
    }

    private var isJSON: Bool { TextOrJSON.chosen(format, [("json", json, .json)]) == .json }

    func run() throws {
        let readings = try readings
        let results = try TapReading.read(readings)
        var output = Output()
        let problems = results.flatMap(\.problems)
        if !results.contains(where: { $0.tap.counts.frames == 0 && !$0.problems.isEmpty }) {
            let report = ComparisonReport(
                Comparison(results.map(\.tap)), captures: results.map(\.capture))
            try write(report, readings, to: &output)
            if let html {
                try DocumentFile(html, inputs: try inputs).write(report, as: HTMLComparison())
            }
            if let evidence { try writeEvidence(report, readings, to: evidence) }
        }
        output.finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }

    /// What to read of each tap.
    private var readings: [TapReading] {
        get throws {
            let arguments = try TapArgument.all(tap)
            let mask = anonymization.mask(for: AnalysisOptions(files: arguments.flatMap(\.files)))
            let limit = maxSegments ?? FreeMemory.connections * 8 / arguments.count
            let bar = ProgressBar()
            return arguments.enumerated().map { index, argument in
                var reading = TapReading(name: argument.name, files: argument.files)
                reading.filter = captureFilter.expression
                reading.backend = engine
                reading.segmentLimit = limit
                reading.mask = mask
                // All taps are read at the same time: one bar stands for them.
                if index == 0 { reading.onProgress = { bar.show($0) } }
                return reading
            }
        }
    }

    /// The files that are read, which no output may be.
    private var inputs: [FileIdentity] {
        get throws {
            try TapArgument.all(tap).flatMap(\.files).compactMap { FileIdentity(path: $0) }
        }
    }

    private func write(
        _ report: ComparisonReport, _ readings: [TapReading], to output: inout Output
    ) throws {
        if transitions { return try writeTransitions(report, readings, to: &output) }
        if isJSON {
            var format = JSONComparison(names: names, hasSegments: segments)
            return format.write(report, to: &output)
        }
        if let connection {
            let mask = readings.first?.mask
            let shown = mask.map { mask in connection.replacingAddresses { mask[$0] } }
            return try writeLadder(shown ?? connection, report, readings, to: &output)
        }
        let layout = text.layout
        var format = ASCIIText(
            TextComparison(layout: layout, limit: all ? nil : TextComparison.standardLimit), layout)
        format.write(report, to: &output)
    }

    /// The states of all connections, from trackers that read each tap's captures.
    private func history(
        _ report: ComparisonReport, _ readings: [TapReading]
    ) throws -> PathHistory {
        try PathHistory(report.comparison, readings.map { $0.analysis(timers.profile) })
    }

    private func writeTransitions(
        _ report: ComparisonReport, _ readings: [TapReading], to output: inout Output
    ) throws {
        let history = try history(report, readings)
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
            write(JSONPathTransitions(report, JSONStyle(spelling: states, names: names)))
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
            throw CommandFailure(failure.path, failure.error)
        }
        for path in paths { writeAll("\(path.visible)\n", to: STDERR_FILENO) }
    }

    /// Writes one connection segment by segment.
    private func writeLadder(
        _ ends: ConnectionEnds, _ report: ComparisonReport, _ readings: [TapReading],
        to output: inout Output
    ) throws {
        let comparison = report.comparison
        let index = comparison.paths.firstIndex { path in
            path.seenBy.contains { tap in
                path.parts[tap].map { ends.matches(comparison.taps[tap].connections[$0].key) }
                    ?? false
            }
        }
        guard let index else {
            throw CommandFailure(
                lines: ["no connection of \(ends.text) was found at two taps"], code: 2)
        }
        let history = try history(report, readings)
        let ladder = PathLadder(report, path: index, changes: history.changes(of: index))
        let layout = text.layout
        var format = ASCIIText(TextPathLadder(spelling: states, layout: layout), layout)
        format.write(ladder, to: &output)
        var findings = ASCIIText(TextFindings(layout: layout), layout)
        findings.write(history.findings(of: index, comparison), to: &output)
    }
}
