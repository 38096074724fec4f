public import TCPState

/// What the lines of a live run add up to, as JSON lines: the log, its findings, its stuck connections, its states.
public struct JSONEventSummary: Format {
    private let style: JSONStyle

    /// - Parameter spelling: how states are spelled.
    public init(spelling: StateSpelling = .netstat) { style = JSONStyle(spelling: spelling) }

    /// Writes the lines.
    public mutating func write(_ summary: EventSummary, to sink: inout some Sink & ~Copyable) {
        sink.write(JSONRecords.eventLog.namedLine(summary, style))
        for row in summary.orderedFindings {
            sink.write(JSONRecords.loggedFinding.namedLine(row, style))
        }
        for row in summary.orderedStuck {
            sink.write(JSONRecords.loggedStuck.namedLine(row, style))
        }
        for sample in summary.samples {
            let row = JSONRecords.StatesRow(time: sample.time, states: sample.counts)
            sink.write(JSONRecords.stateCounts.line(row, style))
        }
    }
}

extension JSONRecords {
    static let eventLog = JSONRecord<EventSummary>(
        "event_log", "the first line of `events`: what was read",
        [
            .field(JSONTerms.firstSeen) { .time($0.first) },
            .field(JSONTerms.lastSeen) { .time($0.last) },
            .field(JSONTerms.logLines) { .count($0.lines) },
            .field(JSONTerms.damagedLines) { .count($0.damaged) },
            .field(JSONTerms.changeCounts) { summary in
                .counts(summary.changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            },
            .field(JSONTerms.notices) { .texts($0.notices.map(\.text)) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    static let loggedFinding = JSONRecord<EventSummary.FindingRow>(
        "logged_finding", "a line of `events`: a finding, over all times that it was there",
        [
            .field(JSONTerms.diagnosis) { .text($0.diagnosis) },
            .field(JSONTerms.severity) { .text($0.severity) },
            .field(JSONTerms.fault) { .text($0.fault) },
            .field(JSONTerms.service) { .text($0.service) },
            .field(JSONTerms.title) { .text($0.title) },
            .field(JSONTerms.most) { .integer($0.most) },
            .field(JSONTerms.oldest) { .time($0.first) },
            .field(JSONTerms.until) { .time($0.last) },
            .field(JSONTerms.times) { .integer(Int64($0.times)) },
        ])

    static let loggedStuck = JSONRecord<EventSummary.StuckRow>(
        "logged_stuck", "a line of `events`: stuck connections of one service and one kind",
        [
            .field(JSONTerms.diagnosis) { .text($0.diagnosis) },
            .field(JSONTerms.service) { .text($0.service) },
            .field(JSONTerms.count) { .integer(Int64($0.count)) },
            .field(JSONTerms.cleared) { .integer(Int64($0.cleared)) },
            .field(JSONTerms.oldest) { .time($0.since) },
        ])
}
