import Analysis
import ArgumentParser
import Arguments
import Capture
import Diagnosis
import Documents
import POSIX
import Reports
import TCPState
import Tracking
import Wire

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain one connection segment by segment, or a state, or a kind of finding.",
        usage: """
            wirestate explain [<options>] <files> ...
                [-- <filter>]
            wirestate explain --connection <ends>
                --tap <name>=<file> ...
            wirestate explain <state> | <kind>
            """,
        discussion: """
            The ladder shows the client's state, an arrow for each segment, and the server's state, as \
            far as later packets confirm them. Sequence numbers are relative to each side's first. Long \
            runs of data are folded. Below are the evidence for each state change, and the connection's \
            findings. With captures of several taps, it shows the frames of all of them and what happened \
            in between, as 'wirestate compare --connection' does.

            EXAMPLES
              wirestate explain incident.pcapng --stream 6
                    the connection that Wireshark calls tcp.stream 6
              wirestate explain incident.pcapng --frame 157
                    the connection that a frame belongs to
              wirestate explain f.pcap --connection '10.1.1.105:40423 10.1.1.2:8080'
                    the first connection between two ends, or of one end
              wirestate explain --tap client=c.pcap --tap server=s.pcap --connection ENDS
                    the same with captures from two taps
              wirestate explain CLOSE_WAIT
                    a state: what it means, what keeps an end in it, what to do
              wirestate explain close-wait-leak
                    a kind of finding: definition, thresholds, what to rule out, what to do
            """)

    @Option(
        help: ArgumentHelp(
            "The connection's number in Wireshark (tcp.stream).", valueName: "number"))
    var stream: [UInt32] = []

    @Option(
        help: ArgumentHelp(
            "The number of one of its frames; FILE:NUMBER where files overlap.", valueName: "frame")
    )
    var frame: [FrameArgument] = []

    @Option(
        help: ArgumentHelp(
            "One or both ends, in any order: 'ADDRESS:PORT' or 'ADDRESS:PORT ADDRESS:PORT'.",
            valueName: "ends"),
        transform: ConnectionEnds.init(_:))
    var connection: [ConnectionEnds] = []

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @OptionGroup var options: AnalysisFlags<FileOrTapOptions>

    /// The state or the kind of finding to explain, where the only word is its name.
    private var guide: Guide? {
        guard stream.isEmpty, frame.isEmpty, connection.isEmpty, options.files.count == 1 else {
            return nil
        }
        return Guide(name: options.files[0])
    }

    private var taps: TapOptions { options.input.taps }

    private var isJSON: Bool {
        TextOrJSON.chosen(format, [("json", options.json, .json)]) == .json
    }

    func validate() throws {
        try TextOrJSON.validate(format, [("json", options.json, .json)])
        if guide != nil { return }
        var flags = ConnectionFlags()
        flags.files = options.files
        flags.tapFiles = taps.tap.isEmpty ? nil : try taps.files
        flags.streams = stream.count
        flags.frames = frame.count
        flags.ends = connection.count
        flags.follows = options.follow
        try validating { () throws(ArgumentFailure) in try flags.check() }
    }

    func run() throws {
        if let ends = connection.first, !taps.tap.isEmpty { return try explain(ends) }
        if let guide {
            let output = Output()
            guide.write(isJSON: isJSON, options.style, to: output)
            return try output.end()
        }
        guard let target else { return }
        try ConnectionExplanation(target, options.analysis, options.style).write(isJSON: isJSON)
    }

    /// The connection that is asked for.
    private var target: ConnectionExplanation.Target? {
        stream.first.map { .stream($0) } ?? frame.first.map { .frame($0) }
            ?? connection.first.map { .ends($0) }
    }

    /// Explains a connection past several taps.
    private func explain(_ ends: ConnectionEnds) throws {
        let run = try TapRun(
            taps.readings(options.tracking.expression, options.engine, options.anonymization))
        let output = Output()
        if let report = run.report {
            try ComparisonDocuments(report, run, isJSON: isJSON, options.style)
                .writeLadder(of: ends, options.profile, to: output)
        }
        try run.end(output)
    }
}
