public import Diagnosis
internal import TCPState
internal import Wire

/// One connection segment by segment as JSON: an object under the name `explanation`.
public typealias JSONLadder = JSONNamedLine<Ladder>
/// What a state means, as JSON: an object under the name `state_guide`.
public typealias JSONStateGuide = JSONNamedLine<StateGuide>
/// What a kind of finding means, as JSON: an object under the name `kind_guide`.
public typealias JSONKindGuide = JSONNamedLine<Diagnosis>

extension JSONNamedLine<Ladder> {
    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.init(JSONRecords.explanation, style) }
}

extension JSONNamedLine<StateGuide> {
    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.init(JSONRecords.stateGuide, style) }
}

extension JSONNamedLine<Diagnosis> {
    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.init(JSONRecords.kindGuide, style) }
}

extension JSONRecords {
    static let explanation = JSONRecord<Ladder>(
        "explanation", "what `explain` says of a connection",
        [
            .field(JSONTerms.client) { $0.record.end(.client) },
            .field(JSONTerms.server) { $0.record.end(.server) },
            .field(JSONTerms.rolesKnown) { .flag($0.record.connection.isOpenerKnown) },
            .field(JSONTerms.stream) { .integer(Int64($0.record.connection.stream)) },
            .field(JSONTerms.connection) { .integer(Int64($0.record.connection.serial)) },
            .field(JSONTerms.clientState) { .state($0.record.connection.client.state) },
            .field(JSONTerms.serverState) { .state($0.record.connection.server.state) },
            .field(JSONTerms.closeCause) { .text(Ending(of: $0.record.connection).cause) },
            .field(JSONTerms.closer) { .text(Ending(of: $0.record.connection).closer) },
            .field(JSONTerms.segmentRows) { ladder in
                .objects { style in
                    ladder.rows.map {
                        segment.object(SegmentRow(row: $0, record: ladder.record), style)
                    }
                }
            },
            .field(JSONTerms.transitions) { ladder in
                .objects { style in
                    ladder.history.map { transition.object(TransitionEvent(row: $0), style) }
                }
            },
            .field(JSONTerms.withdrawals) { ladder in
                .objects { style in
                    ladder.withdrawn.map {
                        withdrawal.object(
                            Withdrawal(
                                transition: $0.transition, frame: $0.frame, record: ladder.record),
                            style)
                    }
                }
            },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    /// A segment and its connection.
    struct SegmentRow {
        let row: Ladder.LadderRow
        let record: ConnectionRecord
    }

    static let segment = JSONRecord<SegmentRow>(
        "segment", "a segment of a connection that is explained",
        [
            .field(JSONTerms.ts) { .time($0.row.time) },
            .field(JSONTerms.frame) { .frame($0.row.frame) },
            .field(JSONTerms.endpoint) { .text($0.record.connection.role($0.row.sender).name) },
            .field(JSONTerms.controlBits) { row in
                .texts(row.row.flags.description.split(separator: ",").map(String.init))
            },
            .field(JSONTerms.sequence) { .integer(Int64($0.row.sequenceNumber.rawValue)) },
            .field(JSONTerms.acknowledgment) {
                .integer(Int64($0.row.acknowledgmentNumber.rawValue))
            },
            .field(JSONTerms.payloadLength) { .integer(Int64($0.row.payloadLength)) },
            .field(JSONTerms.notes) { .texts($0.row.notes) },
        ])

    /// A change that was taken back, with the frame that refutes it.
    struct Withdrawal {
        let transition: Transition
        let frame: UInt64
        let record: ConnectionRecord
    }

    static let withdrawal = JSONRecord<Withdrawal>(
        "withdrawal", "a change of state that was inferred, and the frame that refutes it",
        [
            .field(JSONTerms.endpoint) {
                .text($0.record.connection.role($0.transition.side).name)
            },
            .field(JSONTerms.from) { .state($0.transition.from) },
            .field(JSONTerms.to) { .state($0.transition.to) },
            .field(JSONTerms.frame) { .frame($0.frame) },
        ])

    static let stateGuide = JSONRecord<StateGuide>(
        "state_guide", "what `explain` says of a state",
        [
            .field(JSONTerms.state) { .state($0.state) },
            .field(JSONTerms.meaning) { .text($0.meaning) },
            .field(JSONTerms.entered) { .text($0.entered) },
            .field(JSONTerms.left) { .text($0.left) },
            .field(JSONTerms.kept) { .text($0.kept) },
            .field(JSONTerms.settings) { .text($0.settings) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    static let kindGuide = JSONRecord<Diagnosis>(
        "kind_guide", "what `explain` says of a kind of finding",
        [
            .field(JSONTerms.diagnosis) { .text($0.name) },
            .field(JSONTerms.also) { .text($0.otherName) },
            .field(JSONTerms.summary) { .text($0.summary) },
            .field(JSONTerms.definition) { .text($0.definition) },
            .field(JSONTerms.thresholds) { kind in
                .objects { style in kind.thresholds.map { threshold.object($0, style) } }
            },
            .field(JSONTerms.refutedBy) { .text($0.refutation.isEmpty ? nil : $0.refutation) },
            .field(JSONTerms.remedy) { .texts($0.remedy) },
            .field(JSONTerms.example) { .text($0.example) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    static let threshold = JSONRecord<Thresholds.Name>(
        "threshold", "a value that decides when something counts",
        [
            .field(JSONTerms.threshold) { .text($0.name) },
            .field(JSONTerms.standard) { .text($0.standardText) },
            .field(JSONTerms.meaning) { .text($0.meaning) },
        ])
}
