public import Analysis
public import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// Lists the changes of state of all connections in order of time.
public struct TransitionListing {
    private let filter: ConnectionFilter
    private let analysis: CaptureAnalysis
    private let style: DocumentStyle
    private let chained: CheckpointedAnalysis?

    /// - Parameters:
    ///   - filter: which connections are listed.
    ///   - chained: the same analysis, from or to a checkpoint; nil where neither is asked for.
    public init(
        _ filter: ConnectionFilter, _ analysis: CaptureAnalysis, _ style: DocumentStyle,
        _ chained: CheckpointedAnalysis? = nil
    ) {
        self.filter = filter
        self.analysis = analysis
        self.style = style
        self.chained = chained
    }

    /// Writes the list to standard output once the captures are read.
    public func list(as format: TransitionsFormat) throws {
        let (input, history) = try read()
        let output = Output()
        // Where nothing was read, the trouble is all there is to say.
        if let history, !input.hasNothing {
            let isNear = analysis.options.isNear
            let rows = history.rows(isNear: isNear)
            output.write(
                rows, filter, at: input.summary.last, as: format, style, input.summary.numbering)
        }
        try input.end(output)
    }

    /// The history; nil where it goes on with a checkpoint.
    private func read() throws -> (InputResult, TransitionHistory?) {
        guard let chained else { return try analysis.history() }
        return try chained.history()
    }

    /// Writes the changes as they are found.
    ///
    /// - Parameter numbering: how frames are named while nobody knows yet whether files overlap.
    public func stream(isJSON: Bool, _ numbering: FrameNumbering) throws {
        var output = Output()
        let numbering = try chained?.eventNumbering() ?? numbering
        var format =
            isJSON
            ? TransitionEvents(style.json(numbering))
            : TransitionEvents(spelling: style.spelling, layout: style.layout)
        func write(_ event: TransitionEvents.Event, _ row: TransitionRow) {
            if !output.isClosed { format.write(event, row, to: &output) }
        }
        let input =
            try chained?.transitionEvents(write)
            ?? analysis.transitionEvents(beforeWaiting: { output.flush() }, write)
        try input.end(output)
    }
}

extension Output {
    /// Writes the changes of the connections that a filter shows.
    ///
    /// - Parameter end: the end of the capture.
    func write(
        _ rows: some Sequence<TransitionRow>, _ filter: ConnectionFilter, at end: Timestamp?,
        as format: TransitionsFormat, _ style: DocumentStyle, _ frames: FrameNumbering
    ) {
        let rows = rows.matching(filter, at: end ?? Timestamp(nanoseconds: 0))
        func write(_ format: some Format<TransitionRow>) {
            var (format, output) = (format, self)
            format.begin(&output)
            for row in rows {
                if isClosed { break }
                format.write(row, to: &output)
            }
            format.end(&output)
        }
        switch format {
        case .text:
            let text = TextTransitions(
                spelling: style.spelling, frames: frames, layout: style.layout)
            write(ASCIIText(text, style.layout))
        case .json: write(JSONTransitions(style.json(frames)))
        case .zeek, .zeekJSON:
            write(
                ZeekTransitions(
                    isJSON: format == .zeekJSON, spelling: style.spelling, frames: frames))
        }
    }
}
