internal import Analysis
internal import Reports
internal import TCPState
internal import Tracking

/// Lists something of every connection when it ends: see ``CaptureAnalysis/histories(_:_:)``.
struct HistoryListing {
    private let filter: ConnectionFilter
    private let analysis: CaptureAnalysis
    private let output = Output()

    /// - Parameter filter: which connections are listed.
    init(_ filter: ConnectionFilter, _ analysis: CaptureAnalysis) {
        self.filter = filter
        self.analysis = analysis
    }

    /// Writes lines that know nothing of each other: they are made on all threads.
    ///
    /// - Parameter write: writes those of a connection.
    func listLines(
        _ write: @escaping @Sendable (ConnectionHistory, FrameNumbering, inout UTF8Sink) -> Void
    ) throws {
        let isShown = isShown()
        let input = try analysis.histories { histories, frames in
            var sink = UTF8Sink()
            for history in histories where isShown(history) { write(history, frames, &sink) }
            return sink.text
        } _: { text in
            output.write(utf8: text)
        }
        try input.end(output)
    }

    /// Writes rows in a format.
    ///
    /// - Parameters:
    ///   - make: makes the format.
    ///   - rows: makes a connection's rows, on any thread.
    func list<Row: Sendable, F: Format<Row>>(
        as make: @escaping (FrameNumbering) -> F,
        _ rows: @escaping @Sendable (ConnectionHistory) -> [Row]
    ) throws {
        let isShown = isShown()
        var output = output
        var begun: F?
        func format(_ frames: FrameNumbering) -> F {
            if let begun { return begun }
            var format = make(frames)
            format.begin(&output)
            return format
        }
        let input = try analysis.histories { histories, frames in
            (rows: histories.filter(isShown).flatMap(rows), frames: frames)
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
