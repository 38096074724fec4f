import Diagnosis
import TCPState
import Tracking
import Wire

/// Gives every connection to an overview when it departs.
struct SummaryCollector: ClosedConnectionObserver {
    var overview: RunSummary
    /// What the capture itself lacks.
    var quality = CaptureQuality()
    /// When the capture ended; nil before that.
    var end: Timestamp?

    init(_ overview: RunSummary) {
        self.overview = overview
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
