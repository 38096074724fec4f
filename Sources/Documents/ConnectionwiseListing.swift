public import Analysis
public import Reports
internal import TCPState
internal import Tracking
internal import Wire

/// Lists changes of state connection by connection, each connection's when it ends.
public struct ConnectionwiseListing {
    private let filter: ConnectionFilter
    private let analysis: CaptureAnalysis
    private let style: DocumentStyle
    private let output = Output()

    /// - Parameter filter: which connections are listed.
    public init(_ filter: ConnectionFilter, _ analysis: CaptureAnalysis, _ style: DocumentStyle) {
        self.filter = filter
        self.analysis = analysis
        self.style = style
    }

    /// Writes the list.
    public func list(as format: TransitionsFormat) throws {
        let spelling = style.spelling
        switch format {
        case .json: try listJSON()
        case .text:
            let layout = style.layout
            try list {
                ASCIIText(TextTransitions(spelling: spelling, frames: $0, layout: layout), layout)
            }
        case .zeek, .zeekJSON:
            try list {
                ZeekTransitions(isJSON: format == .zeekJSON, spelling: spelling, frames: $0)
            }
        }
    }

    /// Lines that know nothing of each other are made on all threads.
    private func listJSON() throws {
        let (isShown, isNear, style) = (isShown(), analysis.options.isNear, style)
        let input = try analysis.histories { histories, frames in
            var sink = UTF8Sink()
            var format = JSONTransitions(style.json(frames))
            for history in histories where isShown(history) {
                for row in history.rows(isNear: isNear) { format.write(row, to: &sink) }
            }
            return sink.text
        } _: { text in
            output.write(utf8: text)
        }
        try input.end(output)
    }

    private func list<F: Format<TransitionRow>>(
        as make: @escaping (FrameNumbering) -> F
    ) throws {
        let (isShown, isNear) = (isShown(), analysis.options.isNear)
        var output = output
        var begun: F?
        func format(_ frames: FrameNumbering) -> F {
            if let begun { return begun }
            var format = make(frames)
            format.begin(&output)
            return format
        }
        let input = try analysis.histories { histories, frames in
            (
                rows: histories.filter(isShown).flatMap { $0.rows(isNear: isNear) }, frames: frames
            )
        } _: { piece in
            var format = format(piece.frames)
            for row in piece.rows { format.write(row, to: &output) }
            begun = format
        }
        if !input.hasNothing {
            var format = format(input.summary.numbering)
            format.end(&output)
        }
        try input.end(output)
    }

    /// Whether the filter shows a connection.
    private func isShown() -> @Sendable (ConnectionHistory) -> Bool {
        let filter = filter
        return { filter.isAll || filter.shows(ExaminedConnection($0.record, at: $0.end)) }
    }
}
