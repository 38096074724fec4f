public import Analysis
public import Reports
internal import TCPState
internal import Tracking

/// Lists connections.
public struct ConnectionListing {
    private let filter: ConnectionFilter
    private let analysis: CaptureAnalysis
    private let style: DocumentStyle
    private let chained: CheckpointedAnalysis?
    private let zeek: ZeekListing
    private let order: ConnectionsOrder

    /// - Parameters:
    ///   - filter: which connections are listed, in the formats that are written once they are over.
    ///   - zeek: lists them as Zeek does.
    ///   - order: of formats that are written once connections are over.
    ///   - chained: the same analysis, from or to a checkpoint; nil where neither is asked for.
    public init(
        _ filter: ConnectionFilter, _ analysis: CaptureAnalysis, _ style: DocumentStyle,
        zeek: ZeekListing, order: ConnectionsOrder = .start, _ chained: CheckpointedAnalysis? = nil
    ) {
        self.filter = filter
        self.analysis = analysis
        self.style = style
        self.zeek = zeek
        self.order = order
        self.chained = chained
    }

    /// Writes the list to standard output.
    public func list(as format: ConnectionsFormat) throws {
        let (spelling, layout) = (style.spelling, style.layout)
        switch format {
        case .text:
            try list { _ in ASCIIText(TextConnections(spelling: spelling, layout: layout), layout) }
        case .json where order == .end: try listEndedLines()
        case .json: try list { JSONConnections(style.json($0)) }
        case .csv: try list { CSVConnections(spelling: spelling, frames: $0) }
        case .zeek: try zeek.list(isJSON: false)
        case .zeekJSON: try zeek.list(isJSON: true)
        case .zeekOpen: try zeek.list(isJSON: false, onlyOpen: true)
        case .eve: try listFlows()
        }
    }

    /// Suricata's flow records.
    private func listFlows() throws {
        var output = Output()
        var format = EVEFlows(spelling: style.spelling)
        let input = try analysis.flows { format.write($0, $1, to: &output) }
        try input.end(output)
    }

    /// JSON lines know nothing of each other.
    private func listEndedLines() throws {
        let style = style
        try HistoryListing(filter, analysis).listLines { history, frames, sink in
            var format = JSONConnections(style.json(frames))
            format.write(history.record, to: &sink)
        }
    }

    /// - Parameter makeFormat: called with the names of frames, which the first connection brings.
    private func list<F: Format<ConnectionRecord>>(
        _ makeFormat: @escaping (FrameNumbering) -> F
    ) throws {
        if order == .end {
            return try HistoryListing(filter, analysis).list(as: makeFormat) { [$0.record] }
        }
        var format: F?
        var output = Output()
        func write(_ record: ConnectionRecord, _ numbering: FrameNumbering) {
            if format == nil {
                format = makeFormat(numbering)
                format?.begin(&output)
            }
            if !output.isClosed { format?.write(record, to: &output) }
        }
        let input =
            try chained?.connections(where: filter, write)
            ?? analysis.connections(where: filter, write)
        try input.end(output)
    }
}
