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
        let (rows, style) = (rows(), style)
        let input = try analysis.histories { histories, frames in
            var sink = UTF8Sink()
            var format = JSONTransitions(style.json(frames))
            for history in histories {
                for row in rows(history) { format.write(row, to: &sink) }
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
        let rows = rows()
        var output = output
        var begun: F?
        func format(_ frames: FrameNumbering) -> F {
            if let begun { return begun }
            var format = make(frames)
            format.begin(&output)
            return format
        }
        let input = try analysis.histories { histories, frames in
            (rows: histories.flatMap(rows), frames: frames)
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

    /// The rows of a connection; none where the filter does not show it.
    private func rows() -> @Sendable (ConnectionHistory) -> [TransitionRow] {
        let (filter, run) = (filter, analysis.options)
        return { history in
            guard
                filter.isAll
                    || filter.shows(ExaminedConnection(history.record, at: history.end))
            else { return [] }
            return history.rows(isNear: run.isNear)
        }
    }
}
