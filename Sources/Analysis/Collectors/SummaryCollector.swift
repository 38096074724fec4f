public import Capture
public import Diagnosis
public import Reports
public import TCPState
public import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and looks for findings.
    ///
    /// - Parameters:
    ///   - limits: from which values on findings count.
    ///   - exampleLimit: how many connections are kept of each finding; nil for all.
    ///   - spelling: how the report spells states.
    public func report(
        _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat
    ) throws(CaptureError) -> (input: InputResult, report: Report) {
        var collector = collector(limits, exampleLimit)
        let input = try run(&collector) { $0.finish($1) }
        return (input, report(input, collector, spelling))
    }

    /// The same, and every transition, in one reading.
    public func reportAndHistory(
        _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat
    ) throws(CaptureError) -> (input: InputResult, report: Report, history: TransitionHistory) {
        var both = ObserverPair(collector(limits, exampleLimit), TransitionHistory())
        let input = try run(&both) { $0.first.finish($1) }
        return (input, report(input, both.first, spelling), both.second)
    }

    private func collector(_ limits: Thresholds, _ exampleLimit: Int?) -> SummaryCollector {
        SummaryCollector(
            RunSummary(local: options.localAddresses, limits, exampleLimit: exampleLimit))
    }

    private func report(
        _ input: InputResult, _ collector: SummaryCollector, _ spelling: StateSpelling
    ) -> Report {
        Report(
            account: input.summary, overview: collector.overview, quality: collector.quality,
            spelling: spelling, vantage: options.vantage)
    }
}

/// Adds every connection to a summary when it is closed.
struct SummaryCollector: ClosedConnectionObserver {
    var overview: RunSummary
    /// What the capture itself lacks.
    var quality = CaptureQuality()
    /// When the capture ended; nil before that.
    var end: Timestamp?

    init(_ overview: RunSummary) {
        self.overview = overview
    }

    /// All frames are read.
    mutating func finish(_ end: CaptureEnd) {
        self.end = end.time
        quality.complete(with: end.quality)
    }

    func split() -> SummaryCollector { SummaryCollector(overview.split()) }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        overview.preview(key, connection, of: count)
    }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        overview.previewAttempt(key, by: opener, of: count)
    }

    mutating func merge(_ part: SummaryCollector, _ numbers: RunNumbering.ShardNumbers) {
        overview.add(part.overview) { numbers.stream($0) }
        quality.add(part.quality)
    }

    var takesAnyOrder: Bool { !overview.findings.isFull }

    mutating func merge(_ part: SummaryCollector) {
        overview.add(part.overview)
        quality.add(part.quality)
    }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        overview.take(record, at: reason == .captureEnd ? end : nil)
        quality.take(record, at: reason == .captureEnd ? end : nil)
    }
}
