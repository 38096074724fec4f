public import Analysis
public import Diagnosis
public import Reports
internal import Tracking

/// A report of captures, and the documents beside it.
public struct ReportRun {
    /// From which values on findings count.
    public var limits = Thresholds.standard
    /// Which connections are reported.
    public var filter = ConnectionFilter.all
    /// Where the report is written to as HTML.
    public var html: String?
    /// The folder that the packets of findings are written to.
    public var evidence: String?
    /// Where the connections are written to as a database.
    public var sqlite: String?

    private let listing: ReportListing
    private let style: DocumentStyle
    private let analysis: CaptureAnalysis
    private let piece: CheckpointedAnalysis?

    /// - Parameters:
    ///   - analysis: reads the captures, and reads them again for some documents.
    ///   - piece: reads them instead where they are one piece of several.
    public init(
        _ listing: ReportListing, _ style: DocumentStyle, _ analysis: CaptureAnalysis,
        piece: CheckpointedAnalysis? = nil
    ) {
        self.listing = listing
        self.style = style
        self.analysis = analysis
        self.piece = piece
    }

    /// How many connections of a finding some document needs; nil for all.
    var exampleLimit: Int? {
        let needsMore = evidence != nil || sqlite != nil
        return listing.exampleLimit(others: needsMore ? EvidenceExporter.connectionLimit : nil)
    }

    /// Reads the captures, prints the report and writes the documents.
    public func write(to output: Output) throws -> InputResult {
        let (input, makeReport, database) = try read()
        // Where nothing was read, the problems are all there is to say.
        guard !input.hasNothing else { return input }
        var whole = makeReport()
        listing.narrow(&whole)
        let report = listing.shown(whole)
        listing.write(report, to: output)
        let documents = ReportDocuments(report: whole, analysis: analysis)
        if let evidence { try documents.writeEvidence(to: evidence) }
        if let html { try ReportDocuments(report: report, analysis: analysis).writeHTML(to: html) }
        try database?.finish(with: whole)
        return input
    }

    /// What makes the report, and the database that is written meanwhile where one is asked for.
    private func read() throws -> (InputResult, () -> Report, DatabaseDocument?) {
        if let piece {
            let (input, report) = try piece.report(
                limits, exampleLimit: exampleLimit, spelling: style.spelling, where: filter)
            return (input, { report }, nil)
        }
        guard let sqlite else {
            let (input, report) = try analysis.report(
                limits, exampleLimit: exampleLimit, spelling: style.spelling, where: filter)
            return (input, { report }, nil)
        }
        let (input, report, histories) = try analysis.reportAndHistories(
            limits, exampleLimit: exampleLimit, spelling: style.spelling, where: filter)
        guard !input.hasNothing else { return (input, { report.value }, nil) }
        let options = analysis.options
        return (
            input, { report.value },
            DatabaseDocument(
                sqlite, of: histories, threads: options.threadCount, inputs: options.inputs)
        )
    }
}
