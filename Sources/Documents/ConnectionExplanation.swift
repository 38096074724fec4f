public import Analysis
public import Arguments
internal import Diagnosis
internal import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// Explains one connection of some captures, segment by segment.
public struct ConnectionExplanation {
    /// How the connection is named.
    public enum Target: Sendable {
        /// By the number that Wireshark gives the stream.
        case stream(UInt32)
        /// By one of its frames.
        case frame(FrameArgument)
        /// By one or both of its ends; the first one is meant.
        case ends(ConnectionEnds)
    }

    private let target: Target
    private let analysis: CaptureAnalysis
    private let style: DocumentStyle

    /// Connections of one pair of ends, one after another, among which a frame's is looked for.
    private static let incarnationLimit = 1000

    /// The connection that is named in the captures of an analysis.
    public init(_ target: Target, _ analysis: CaptureAnalysis, _ style: DocumentStyle) {
        self.target = target
        self.analysis = analysis
        self.style = style
    }

    /// Writes the explanation to standard output.
    ///
    /// - Throws: a ``RunFailure`` where there is no such connection, or a capture cannot be read to its end.
    public func write(isJSON: Bool) throws {
        let frame = try lookUp()
        let (input, ladders, history) = try traces(frame?.key)
        let output = Output()
        if !input.hasNothing {
            let found = ladders.values.first { ladder in
                frame.map { frame in ladder.rows.contains { $0.frame == frame.frame } } ?? true
            }
            guard let ladder = found else {
                throw RunFailure(missing(history.connections), cause: .request)
            }
            write(ladder, input.summary, isJSON, output)
        }
        try input.end(output)
    }

    private func traces(
        _ key: FlowKey?
    ) throws -> (InputResult, [UInt32: Ladder], TransitionHistory) {
        switch target {
        case .stream(let number):
            return try analysis.traces(limit: 1) { $0.connection.stream == number }
        case .frame:
            // Addresses and ports may have several connections, one after another.
            return try analysis.traces(limit: ConnectionExplanation.incarnationLimit) {
                $0.key == key
            }
        case .ends(let ends):
            let shown = ends.replacingAddresses { analysis.options.replacement(of: $0) }
            return try analysis.traces(limit: 1) { shown.matches($0) }
        }
    }

    private func write(
        _ ladder: Ladder, _ summary: InputSummary, _ isJSON: Bool, _ output: Output
    ) {
        let frames = summary.numbering
        if isJSON { return output.write(ladder, as: JSONLadder(style.json(frames))) }
        let layout = style.layout
        let text = TextLadder(spelling: style.spelling, frames: frames, layout: layout)
        output.write(ladder, as: ASCIIText(text, layout))
        let lastSeen = ladder.record.connection.lastSeen
        let examiner = ConnectionExaminer(
            ladder.record, at: max(summary.last ?? lastSeen, lastSeen))
        output.write(examiner.groups, as: ASCIIText(TextFindings(layout: layout), layout))
    }

    /// The addresses and ports of the frame, where one is the target.
    private func lookUp() throws -> (key: FlowKey, frame: UInt64)? {
        guard case .frame(let frame) = target else { return nil }
        switch try analysis.lookUp(frame: frame.number, file: frame.file) {
        case .segment(let key, let reference): return (key, reference)
        case .other:
            throw RunFailure("frame \(frame.text) is not a TCP segment", cause: .request)
        case .missing(let count):
            throw RunFailure(
                "no frame \(frame.text): the capture has \(Count(count).of("frame"))",
                cause: .request)
        }
    }

    /// Why there is no such connection.
    private func missing(_ connections: some Sequence<ConnectionRecord>) -> String {
        switch target {
        case .stream(let stream):
            guard let last = connections.map(\.connection.stream).max() else {
                return "no stream \(stream): the capture has no TCP connections"
            }
            return "no stream \(stream): the capture has streams 0 to \(last)"
        case .frame(let frame): return "frame \(frame.text) belongs to no connection"
        case .ends(let ends): return "no connection of \(ends.text) in the capture"
        }
    }
}
