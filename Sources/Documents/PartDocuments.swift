public import Analysis
public import Diagnosis
public import Reports
internal import TCPState
internal import Tracking
public import Wire

/// What is printed of parts of a run.
public struct PartDocuments {
    private let set: PartSet
    /// The shard whose rows are printed; nil for all.
    private let shard: Int?
    private let filter: ConnectionFilter
    /// Which ends the capture was taken at.
    private let near: AnalysisOptions
    private let style: DocumentStyle
    private let format: RowFormat

    /// How rows are printed.
    public enum RowFormat: Sendable {
        /// For people.
        case text
        /// JSON lines.
        case json
        /// Comma-separated values: of connections only.
        case csv
    }

    /// - Parameters:
    ///   - shard: whose rows are printed; nil for all.
    ///   - filter: which connections are printed.
    ///   - near: which ends the capture was taken at.
    public init(
        _ set: PartSet, shard: Int?, where filter: ConnectionFilter, near: AnalysisOptions,
        as format: RowFormat, _ style: DocumentStyle
    ) {
        self.set = set
        self.shard = shard
        self.filter = filter
        self.near = near
        self.format = format
        self.style = style
    }

    /// Writes the report, and where it is asked for a database with it.
    ///
    /// - Parameters:
    ///   - limits: from which values on findings count.
    ///   - sqlite: where the database is written to.
    public func writeReport(
        _ listing: ReportListing, _ limits: Thresholds, sqlite: String?, _ output: Output
    ) throws {
        var whole = try set.report(
            local: near.localAddresses, limits,
            exampleLimit: listing.exampleLimit(
                others: sqlite == nil ? nil : EvidenceExporter.connectionLimit),
            spelling: style.spelling, vantage: near.vantage, where: filter)
        listing.narrow(&whole)
        listing.write(listing.shown(whole), to: output)
        guard let sqlite else { return }
        let histories = HistoriesByConnection(try set.history(), isNear: near.isNear)
        let database = DatabaseDocument(
            sqlite, of: histories, threads: near.threadCount, inputs: near.inputs)
        try database.finish(with: whole)
    }

    /// Writes the connections.
    public func writeConnections(_ output: Output) throws {
        switch format {
        case .json: try write(JSONConnections(style.json(set.numbering)), output)
        case .csv:
            try write(CSVConnections(spelling: style.spelling, frames: set.numbering), output)
        case .text:
            let text = TextConnections(spelling: style.spelling, layout: style.layout)
            try write(ASCIIText(text, style.layout), output)
        }
    }

    private func write<F: Format<ConnectionRecord>>(_ format: F, _ output: Output) throws {
        var (format, output) = (format, output)
        var hasBegun = false
        try set.connections(of: shard, where: filter) { record in
            if !hasBegun { format.begin(&output) }
            hasBegun = true
            format.write(record, to: &output)
            return !output.isClosed
        }
    }

    /// Writes the changes of state in order of time.
    public func writeTransitions(_ output: Output) throws {
        let rows = try set.history(of: shard).rows(isNear: near.isNear)
        output.write(
            rows, filter, at: set.captureEnd, as: format == .json ? .json : .text, style,
            set.numbering)
    }

    /// Writes how many sockets were in each state.
    ///
    /// - Parameter step: the time between two counts.
    public func writeStates(every step: TimeSpan, _ output: Output) throws {
        let samples = try set.states(of: shard, every: step, isNear: near.isNear)
        if format == .json {
            output.write(samples, as: JSONStateSeries(style.json(set.numbering)))
        } else {
            output.write(samples, as: StateSeries(spelling: style.spelling))
        }
    }
}
