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
    ///   - filter: which connections the report is about.
    public func report(
        _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat, where filter: ConnectionFilter = .all
    ) throws(CaptureError) -> (input: InputResult, report: Report) {
        var collector = collector(limits, exampleLimit, filter)
        let input = try run(&collector) { $0.finish($1) }
        return (input, report(input, collector, spelling, filter))
    }

    /// The same, and every connection's history, in one reading. The report is made in the background.
    public func reportAndHistories(
        _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat, where filter: ConnectionFilter = .all
    ) throws(CaptureError) -> (
        input: InputResult, report: Background<Report>, histories: HistoriesByConnection
    ) {
        var both = ObserverPair(collector(limits, exampleLimit, filter), TransitionHistory())
        let input = try run(&both) { $0.first.finish($1) }
        let summarized = Background { [self, collector = both.first] in
            report(input, collector, spelling, filter)
        }
        return (input, summarized, HistoriesByConnection(both.second, isNear: options.isNear))
    }

    private func collector(
        _ limits: Thresholds, _ exampleLimit: Int?, _ filter: ConnectionFilter
    ) -> SummaryCollector {
        SummaryCollector(
            RunSummary(local: options.localAddresses, limits, exampleLimit: exampleLimit), filter,
            limits)
    }

    private func report(
        _ input: InputResult, _ collector: SummaryCollector, _ spelling: StateSpelling,
        _ filter: ConnectionFilter
    ) -> Report {
        Report(
            input: input.summary, summary: collector.summary, quality: collector.quality,
            spelling: spelling, vantage: options.vantage, filter: filter)
    }
}

/// Adds every connection to a summary when it is closed.
struct SummaryCollector: ClosedConnectionObserver {
    var summary: RunSummary
    /// What the capture itself lacks.
    var quality = CaptureQuality()
    /// When the capture ended; nil before that.
    var end: Timestamp?
    private let filter: ConnectionFilter
    private let limits: Thresholds

    init(
        _ summary: RunSummary, _ filter: ConnectionFilter = .all,
        _ limits: Thresholds = .standard
    ) {
        self.summary = summary
        self.filter = filter
        self.limits = limits
    }

    /// All frames are read.
    mutating func finish(_ end: CaptureEnd) {
        self.end = end.time
        quality.complete(with: end.quality)
    }

    func split() -> SummaryCollector { SummaryCollector(summary.split(), filter, limits) }

    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        // All are previewed, or none: a filter judges them only when they are closed.
        if filter.isAll { summary.preview(key, connection, of: count) }
    }

    mutating func previewEstablished() {
        if filter.isAll { summary.previewEstablished() }
    }

    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        if filter.isAll { summary.previewAttempt(key, by: opener, of: count) }
    }

    mutating func preview(_ preview: ConnectionPreview, of count: Int) {
        if filter.isAll { summary.preview(preview, of: count) }
    }

    mutating func merge(_ other: SummaryCollector, _ numbers: RunNumbering.ShardNumbers) {
        summary.add(other.summary) { numbers.stream($0) }
        quality.add(other.quality)
    }

    var isOrderIndependent: Bool { !summary.findings.isFull }

    static var unorderedMerge: ((inout SummaryCollector, SummaryCollector) -> Void)? {
        { collector, other in
            collector.summary.add(other.summary)
            collector.quality.add(other.quality)
        }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        let end = reason == .captureEnd ? end : nil
        quality.add(record, at: end)
        if !filter.isAll {
            let examined = ExaminedConnection(
                copy record, at: end ?? record.connection.lastSeen, limits)
            guard filter.shows(examined) else { return }
        }
        summary.add(record, at: end)
    }
}
