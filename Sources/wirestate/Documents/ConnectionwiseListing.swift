import Analysis
import Reports
import TCPState
import Tracking
import Wire

/// Lists changes of state connection by connection, each connection's when it ends.
struct ConnectionwiseListing {
    private let filter: ConnectionFilter
    private let options: CommonOptions
    private let output = Output()

    /// - Parameter filter: which connections are listed.
    init(_ filter: ConnectionFilter, _ options: CommonOptions) {
        self.filter = filter
        self.options = options
    }

    /// Writes the list.
    func list(as format: TransitionsFormat) throws {
        let spelling = options.states
        switch format {
        case .json: try listJSON()
        case .text:
            let layout = options.layout
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
        let analysis = options.analysis
        let (rows, spelling, names) = (rows(analysis), options.states, options.tracking.names)
        let input = try analysis.histories { histories, frames in
            var sink = UTF8Sink()
            var format = JSONTransitions(
                JSONStyle(spelling: spelling, frames: frames, names: names))
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
        let analysis = options.analysis
        let rows = rows(analysis)
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
    private func rows(
        _ analysis: CaptureAnalysis
    ) -> @Sendable (ConnectionHistory) -> [TransitionRow] {
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
