internal import Comparison
internal import Diagnosis
internal import TCPState
internal import Wire

/// One connection past several taps as JSON: an object under the name `path_explanation`.
public typealias JSONPathLadder = JSONNamedLine<PathLadder>

extension JSONNamedLine<PathLadder> {
    /// - Parameter style: how it is written; frames are named as the report names them.
    public init(_ style: JSONStyle) { self.init(JSONRecords.pathExplanation, style) }
}

extension JSONRecords {
    static let pathExplanation = JSONRecord<PathLadder>(
        "path_explanation", "what `explain --tap` and `compare --connection` say of a connection",
        path.fields.map { field in
            field.of { ladder in PathRow(report: ladder.report, index: ladder.index) }
        } + [
            .field(JSONTerms.tracedSegments) { ladder in
                .objects { style in
                    ladder.rows.map {
                        tracedSegment.object(TracedRow(row: $0, report: ladder.report), style)
                    }
                }
            },
            .field(JSONTerms.transitions) { ladder in
                .objects { style in
                    ladder.changes.map { change in
                        transition.object(
                            TransitionEvent(change, ladder.report),
                            style.atTap(change.tap, of: ladder.report))
                    }
                }
            },
            .field(JSONTerms.pathFindings) { ladder in
                .objects { style in ladder.findings.map { pathFinding.object($0, style) } }
            },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    /// A segment on its way.
    struct TracedRow {
        let row: PathLadder.LadderRow
        let report: ComparisonReport

        var gaps: [SegmentTrace.Gap] { [row.trace.before, row.trace.after].compactMap { $0 } }

        var frames: [PathVerdict.Evidence] {
            row.trace.sightings.map { sighting in
                PathVerdict.Evidence(
                    report.comparison.taps[sighting.tap].segments[sighting.segment],
                    at: sighting.tap)
            }
        }
    }

    static let tracedSegment = JSONRecord<TracedRow>(
        "traced_segment", "a segment as all taps saw it",
        [
            .field(JSONTerms.ts) { .time($0.row.time) },
            .field(JSONTerms.endpoint) { .text($0.row.trace.sender.name) },
            .field(JSONTerms.controlBits) { row in
                .texts(
                    row.row.segment.flags.description.split(separator: ",").map(String.init))
            },
            .field(JSONTerms.sequence) {
                .integer(Int64($0.row.segment.sequenceNumber.rawValue))
            },
            .field(JSONTerms.acknowledgment) {
                .integer(Int64($0.row.segment.acknowledgmentNumber.rawValue))
            },
            .field(JSONTerms.payloadLength) { .integer(Int64($0.row.segment.payloadLength)) },
            .field(JSONTerms.evidence) { row in
                .objects { style in row.frames.map { pathFrame(row.report, $0, style) } }
            },
            .field(JSONTerms.gaps) { row in
                .objects { style in
                    row.gaps.map { pathGap.object(GapRow(gap: $0, report: row.report), style) }
                }
            },
            .field(JSONTerms.notes) { .texts($0.row.notes) },
        ])

    /// Two taps of which one saw a segment.
    struct GapRow {
        let gap: SegmentTrace.Gap
        let report: ComparisonReport
    }

    static let pathGap = JSONRecord<GapRow>(
        "path_gap", "two neighbouring taps of which only one saw a segment",
        [
            .field(JSONTerms.fromTap) { .text($0.report.name($0.gap.from)) },
            .field(JSONTerms.toTap) { .text($0.report.name($0.gap.to)) },
            .field(JSONTerms.fate) { .text($0.gap.fate.name) },
        ])

    static let pathFinding = JSONRecord<FindingGroup>(
        "path_finding", "a finding of a connection that several taps saw",
        [
            .field(JSONTerms.diagnosis) { .text($0.key.diagnosis.name) },
            .field(JSONTerms.severity) { .text($0.severity.name) },
            .field(JSONTerms.fault) { .text($0.key.fault.rawValue) },
            .field(JSONTerms.endpoint) { .text($0.key.end.name) },
            .field(JSONTerms.grade) { .text($0.grade.name) },
            .field(JSONTerms.sentence) { .text($0.sentence) },
            .field(JSONTerms.refutedBy) { .text($0.refutation.isEmpty ? nil : $0.refutation) },
            .field(JSONTerms.remedy) { .texts($0.remedy) },
        ])
}

extension JSONRecords.TransitionEvent {
    /// A change of state as a tap of a report shows it.
    init(_ change: PathTransition, _ report: ComparisonReport) {
        self.init(row: change.row, tap: report.name(change.tap))
    }
}

extension JSONStyle {
    /// The same with the frames of a tap.
    func atTap(_ tap: Int, of report: ComparisonReport) -> JSONStyle {
        JSONStyle(spelling: spelling, frames: report.captures[tap].numbering, names: names)
    }
}
