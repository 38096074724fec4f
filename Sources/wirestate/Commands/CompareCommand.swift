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
        var flags = ComparisonFlags()
        flags.files = try taps.files
        flags.isJSON = isJSON
        flags.hasSegments = segments
        flags.hasTransitions = transitions
        flags.hasConnection = connection != nil
        flags.hasEvidence = evidence != nil
        try validating { () throws(ArgumentFailure) in try flags.check(taps.requireTwo) }
    }

    private var isJSON: Bool { TextOrJSON.chosen(format, [("json", json, .json)]) == .json }

    func run() throws {
        let run = try TapRun(
            taps.readings(captureFilter.expression, engine, anonymization))
        let output = Output()
        if let report = run.report {
            let style = DocumentStyle(spelling: states, layout: text.layout, names: names)
            let documents = ComparisonDocuments(report, run, isJSON: isJSON, style)
            if transitions {
                try documents.writeTransitions(timers.profile, to: output)
            } else if let connection {
                try documents.writeLadder(of: connection, timers.profile, to: output)
            } else {
                documents.writeReport(hasSegments: segments, showsAll: all, to: output)
            }
            if let html { try documents.writeHTML(to: html) }
            if let evidence { try documents.writeEvidence(to: evidence) }
        }
        try run.end(output)
    }
}
