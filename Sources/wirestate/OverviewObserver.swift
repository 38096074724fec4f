import Diagnosis
import TCPState
import Tracking
import Wire

/// Gives every connection to an overview when it departs.
struct OverviewObserver: DepartureObserver {
    var overview: Overview
    /// What the capture itself lacks.
    var quality = CaptureQuality()
    /// When the capture ended; nil before that.
    var end: Timestamp?

    init(_ overview: Overview) {
        self.overview = overview
    }

    func part() -> OverviewObserver { OverviewObserver(overview.part()) }

    mutating func foresee(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        overview.foresee(key, connection, of: count)
    }

    mutating func foreseeAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        overview.foreseeAttempt(key, by: opener, of: count)
    }

    mutating func join(_ part: OverviewObserver, _ numbers: Numbering.Part) {
        overview.add(part.overview) { numbers.stream($0) }
        quality.add(part.quality)
    }

    var takesAnyOrder: Bool { !overview.findings.isFull }

    mutating func join(_ part: OverviewObserver) {
        overview.add(part.overview)
        quality.add(part.quality)
    }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        overview.take(record, at: reason == .captureEnd ? end : nil)
        quality.take(record, at: reason == .captureEnd ? end : nil)
    }
}
