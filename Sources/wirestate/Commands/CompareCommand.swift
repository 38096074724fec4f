import Analysis
import ArgumentParser
import Capture
import Comparison
import HTMLReport
import Host
import POSIX
import Reports

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
                    one connection, segment by segment
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
            "Show the first connection with one or both of these ends at any tap, segment by segment.",
            valueName: "ends"),
        transform: ConnectionEnds.init(argument:))
    var connection: ConnectionEnds?

    @Option(
        help: ArgumentHelp(
            "Write the comparison as one HTML file, with a ladder of each connection.",
            valueName: "file"))
    var html: String?

    @Flag(help: "Show all connections.")
    var all = false

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Flag(help: "In JSON, print a line for the fate of each segment, too.")
    var segments = false

    @Option(
        help: "Whose names JSON fields have: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @Option(
        help: ArgumentHelp(
            "Read only frames that match this pcap-filter(7) expression; it can also follow '--'.",
            valueName: "expression"))
    var filter: String?

    @Option(
        help: ArgumentHelp(
            """
            Keep at most this many segments of each tap, at 128 bytes each. Default: as many as fit into half of \
            the free memory.
            """, valueName: "count"))
    var maxSegments: Int?

    @OptionGroup var text: TextOptions

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    /// What stood after `--`: see ``Main/arguments``.
    @Option(help: .hidden)
    var filterWords: String?

    func validate() throws {
        try TextOrJSON.validate(format, [("json", json, .json)])
        if filter != nil, filterWords != nil {
            throw ValidationError("The filter is given twice: use --filter or '--', not both.")
        }
        if let maxSegments, maxSegments < 1 {
            throw ValidationError("--max-segments must be at least 1.")
        }
        if segments, !isJSON { throw ValidationError("--segments goes with --json.") }
        let taps = try TapArgument.all(tap)
        if taps.count < 2 {
            throw ValidationError(
                "Name two taps or more: --tap client=client.pcap --tap server=server.pcap.")
        }
        if taps.flatMap(\.files).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input ('-') can be named only once.")
        }
    }

    private var isJSON: Bool { TextOrJSON.chosen(format, [("json", json, .json)]) == .json }

    func run() throws {
        let arguments = try TapArgument.all(tap)
        let limit = maxSegments ?? FreeMemory.connections * 8 / arguments.count
        var results: [TapReading.Result] = []
        for argument in arguments {
            let bar = ProgressBar()
            var reading = TapReading(name: argument.name, files: argument.files)
            reading.filter = filterWords ?? filter
            reading.backend = engine
            reading.segmentLimit = limit
            reading.onProgress = { bar.show($0) }
            results.append(try reading.read())
        }
        var output = Output()
        let problems = results.flatMap(\.problems)
        if !results.contains(where: { $0.tap.counts.frames == 0 && !$0.problems.isEmpty }) {
            let report = ComparisonReport(
                Comparison(results.map(\.tap)), captures: results.map(\.capture))
            if let html { try writeHTML(report, to: html, arguments) }
            if isJSON {
                var format = JSONComparison(names: names, hasSegments: segments)
                format.write(report, to: &output)
            } else if let connection {
                try writeLadder(connection, report, to: &output)
            } else {
                let layout = text.layout
                var format = ASCIIText(
                    TextComparison(layout: layout, limit: all ? nil : TextComparison.standardLimit),
                    layout)
                format.write(report, to: &output)
            }
        }
        output.finish()
        complain(problems.map { "\($0)" })
        if !problems.isEmpty || output.exitCode != 0 { throw CommandFailure() }
    }

    /// Writes one connection segment by segment.
    private func writeLadder(
        _ ends: ConnectionEnds, _ report: ComparisonReport, to output: inout Output
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
        let layout = text.layout
        var format = ASCIIText(TextPathLadder(layout: layout), layout)
        format.write(PathLadder(report, path: index), to: &output)
    }

    /// Writes the page, in place of an old one when it is complete.
    private func writeHTML(
        _ report: ComparisonReport, to path: String, _ taps: [TapArgument]
    ) throws {
        do {
            let file = try OutputFile(
                path, .replace, acceptsStreams: false,
                inUse: taps.flatMap(\.files).compactMap { FileIdentity(path: $0) })
            var output = Output(file.descriptor, name: path)
            var format = HTMLComparison()
            format.write(report, to: &output)
            output.finish()
            guard output.exitCode == 0 else { throw CommandFailure() }
            try file.commit(durably: false)
        } catch let error as OutputError {
            throw CommandFailure(path, error)
        } catch let error as SystemError {
            throw CommandFailure(path, .system(error))
        }
    }
}
