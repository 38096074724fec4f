import Analysis
import ArgumentParser
import Capture
import Diagnosis
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
            wirestate explain [<options>] <files> ... [-- <filter>]
            wirestate explain --connection <ends> --tap <name>=<file> ...
            wirestate explain <state> | <kind>
            """,
        discussion: """
            The ladder shows the client's state, an arrow for each segment, and the server's state, by the \
            final history. Sequence numbers count from each side's first one. Long runs of data are \
            folded. Below are the evidence for each change of state, and the connection's findings. \
            With captures of several taps, it shows the frames of all of them and what happened between, \
            as 'wirestate compare --connection' does.

            EXAMPLES
              wirestate explain incident.pcapng --stream 6
                    the connection that Wireshark calls tcp.stream 6
              wirestate explain incident.pcapng --frame 157
                    the connection of a frame
              wirestate explain f.pcap --connection '10.1.1.105:40423 10.1.1.2:8080'
                    the first connection between two ends, or of one end
              wirestate explain --tap client=c.pcap --tap server=s.pcap --connection ENDS
                    the same past two taps
              wirestate explain CLOSE_WAIT
                    a state, in any spelling: what it means, what keeps it, what to do
              wirestate explain close-wait-leak
                    a kind of finding: definition, thresholds, what to rule out, what to do
            """)

    @Option(
        help: ArgumentHelp("The stream's number, as Wireshark counts.", valueName: "number"))
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
        transform: ConnectionEnds.init(argument:))
    var connection: [ConnectionEnds] = []

    @Option(help: "How to print it: \(TextOrJSON.names).")
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

    mutating func validate() throws {
        try TextOrJSON.validate(format, [("json", options.json, .json)])
        if guide != nil { return }
        let count = stream.count + frame.count + connection.count
        if count == 0, options.files.count == 1, FileIdentity(path: options.files[0]) == nil {
            throw ValidationError(
                "'\(options.files[0])' is not a file, a state or a kind of finding; see 'wirestate help kinds'."
            )
        }
        if count != 1 {
            throw ValidationError(
                count == 0
                    ? "Name one connection by --stream, --frame or --connection."
                    : "explain shows one connection: use one of --stream, --frame and --connection, once."
            )
        }
        if !taps.tap.isEmpty {
            if connection.isEmpty {
                throw ValidationError("With --tap, name the connection by --connection.")
            }
            if options.follow { throw ValidationError("--follow reads files of one place.") }
            if try taps.files.contains(where: isStream) {
                throw ValidationError(
                    "explain --tap reads the captures twice, so standard input and pipes do not work."
                )
            }
        }
        if !frame.isEmpty, options.files.contains(where: isStream) {
            throw ValidationError(
                "--frame reads the captures twice, so standard input and pipes do not work.")
        }
    }

    func run() throws {
        if let ends = connection.first, !taps.tap.isEmpty { return try explain(ends) }
        let layout = options.layout
        var output = Output()
        if let guide {
            guide.write(layout, isJSON ? options.style() : nil, to: &output)
            output.finish()
            if output.exitCode != 0 { throw CommandFailure() }
            return
        }
        let analysis = options.analysis
        let shown = connection.first?.replacingAddresses { analysis.options.replacement(of: $0) }
        let target = try frame.first.map { try lookUp($0, analysis) }
        // Addresses and ports may have several connections, one after another: the one with the frame is meant.
        let (input, ladders, history) = try analysis.traces(limit: target == nil ? 1 : 1000) {
            record in
            if let stream = stream.first { return record.connection.stream == stream }
            if let target { return record.key == target.key }
            return shown?.matches(record) ?? false
        }
        if !input.hasNothing {
            let found = ladders.values.first { ladder in
                target.map { target in ladder.rows.contains { $0.frame == target.frame } } ?? true
            }
            guard let ladder = found else {
                throw CommandFailure(lines: [missing(history.connections)], code: 2)
            }
            let frames = input.summary.numbering
            if isJSON {
                var format = JSONLadder(options.style(frames))
                format.write(ladder, to: &output)
                return try input.end(output)
            }
            var format = ASCIIText(
                TextLadder(spelling: options.states, frames: frames, layout: layout), layout)
            format.write(ladder, to: &output)
            let end = input.summary.last ?? ladder.record.connection.lastSeen
            let examiner = ConnectionExaminer(
                ladder.record, at: max(end, ladder.record.connection.lastSeen))
            var findings = ASCIIText(TextFindings(layout: layout), layout)
            findings.write(examiner.groups, to: &output)
        }
        try input.end(output)
    }

    /// Explains a connection past several taps.
    private func explain(_ ends: ConnectionEnds) throws {
        let run = try TapRun(
            taps.readings(options.tracking.expression, options.engine, options.anonymization))
        let output = Output()
        if let report = run.report {
            let ladder = try run.ladder(of: ends, in: report, options.profile)
            output.write(ladder, isJSON ? options.style() : nil, options.states, options.layout)
        }
        try run.end(output)
    }

    /// The addresses and ports of a frame.
    private func lookUp(
        _ frame: FrameArgument, _ analysis: CaptureAnalysis
    ) throws -> (key: FlowKey, frame: UInt64) {
        switch try analysis.lookUp(frame: frame.number, file: frame.file) {
        case .segment(let key, let reference): return (key, reference)
        case .other:
            throw CommandFailure(lines: ["frame \(frame.text) is not a TCP segment"], code: 2)
        case .missing(let count):
            throw CommandFailure(
                lines: ["no frame \(frame.text): the capture has \(Count(count).of("frame"))"],
                code: 2)
        }
    }

    /// Why there is no such connection.
    private func missing(_ connections: some Collection<ConnectionRecord>) -> String {
        if let stream = stream.first {
            guard let last = connections.map(\.connection.stream).max() else {
                return "no stream \(stream): the capture has no TCP connections"
            }
            return "no stream \(stream): the capture has streams 0 to \(last)"
        }
        if let frame = frame.first { return "frame \(frame.text) belongs to no connection" }
        return "no connection of \(connection.first?.text ?? "") in the capture"
    }
}

/// What explain knows without a capture.
private enum Guide {
    case state(State)
    case kind(Diagnosis)

    init?(name: String) {
        if let state = StateGuide.state(named: name) {
            self = .state(state)
        } else if let kind = Diagnosis(named: name.lowercased()) {
            self = .kind(kind)
        } else {
            return nil
        }
    }

    /// - Parameter json: how JSON is written; nil for text.
    func write(_ layout: TextLayout, _ json: JSONStyle?, to output: inout Output) {
        switch self {
        case .state(let state) where json != nil:
            var format = JSONStateGuide(json ?? JSONStyle())
            format.write(StateGuide(state), to: &output)
        case .state(let state):
            var format = ASCIIText(TextStateGuide(layout: layout), layout)
            format.write(StateGuide(state), to: &output)
        case .kind(let kind) where json != nil:
            var format = JSONKindGuide(json ?? JSONStyle())
            format.write(kind, to: &output)
        case .kind(let kind):
            var format = ASCIIText(DiagnosisGuide(layout: layout), layout)
            format.write(kind, to: &output)
        }
    }
}
