internal import Comparison
internal import TCPState
internal import Wire

extension JSONRecords {
    static let comparison = JSONRecord<ComparisonReport>(
        "comparison", "what `compare` says of all taps",
        [
            .field(JSONTerms.taps) { report in
                .objects { style in
                    report.comparison.taps.indices.map {
                        tapCapture.object(TapRow(report: report, tap: $0), style)
                    }
                }
            },
            .field(JSONTerms.tapPairs) { report in
                .objects { style in report.comparison.pairs.map { tapPair.object($0, style) } }
            },
            .field(JSONTerms.pathCount) { .count(UInt64($0.comparison.paths.count)) },
            .field(JSONTerms.schema) { _ in .integer(Int64(JSONSchema.version)) },
        ])

    /// A tap of a comparison.
    struct TapRow {
        let report: ComparisonReport
        let tap: Int

        var recording: Tap { report.comparison.taps[tap] }
    }

    static let tapCapture = JSONRecord<TapRow>(
        "tap_capture", "what one tap saw",
        [
            .field(JSONTerms.tap) { .text($0.recording.name) },
            .field(JSONTerms.files) { .texts($0.report.captures[$0.tap].files) },
            .field(JSONTerms.frames) { .count($0.recording.counts.frames) },
            .field(JSONTerms.segments) { .count($0.recording.counts.segments) },
            .field(JSONTerms.connectionCount) { .count(UInt64($0.recording.connections.count)) },
            .field(JSONTerms.unmatched) {
                .count(UInt64($0.report.comparison.unmatched(at: $0.tap)))
            },
            .field(JSONTerms.leftOut) { .count($0.recording.counts.leftOut) },
            .field(JSONTerms.dropped) { .count($0.recording.counts.dropped) },
            .field(JSONTerms.firstSeen) { .time($0.recording.counts.first) },
            .field(JSONTerms.lastSeen) { .time($0.recording.counts.last) },
            .field(JSONTerms.problems) { .texts($0.report.captures[$0.tap].problems) },
        ])

    static let tapPair = JSONRecord<PairComparison>(
        "tap_pair", "two neighbouring taps",
        [
            .field(JSONTerms.tap) { .text($0.near.name) },
            .field(JSONTerms.nextTap) { .text($0.far.name) },
            .field(JSONTerms.matchCounts) { pair in
                .counts(
                    ConnectionMatch.Kind.allCases.map { kind in
                        (kind.rawValue, UInt64(pair.matches.count { $0.kind == kind }))
                    })
            },
            .field(JSONTerms.clock) { pair in
                .objects { style in pair.clock.pieces.map { clockPiece.object($0, style) } }
            },
            .field(JSONTerms.outward) { .counts(counts($0.fateCounts(isOutward: true))) },
            .field(JSONTerms.inward) { .counts(counts($0.fateCounts(isOutward: false))) },
            .field(JSONTerms.outwardDelay) { .duration($0.delay(isOutward: true)?.median) },
            .field(JSONTerms.outwardDelayLow) { .duration($0.delay(isOutward: true)?.bounds?.low) },
            .field(JSONTerms.outwardDelayHigh) {
                .duration($0.delay(isOutward: true)?.bounds?.high)
            },
            .field(JSONTerms.inwardDelay) { .duration($0.delay(isOutward: false)?.median) },
            .field(JSONTerms.inwardDelayLow) { .duration($0.delay(isOutward: false)?.bounds?.low) },
            .field(JSONTerms.inwardDelayHigh) {
                .duration($0.delay(isOutward: false)?.bounds?.high)
            },
        ])

    private static func counts(_ fateCounts: FateCounts) -> [(String, UInt64)] {
        SegmentFate.allCases.map { ($0.name, fateCounts[$0]) }
            + [("reordered", fateCounts.reordered), ("altered", fateCounts.altered)]
    }

    static let clockPiece = JSONRecord<ClockModel.Piece>(
        "clock_piece", "a period in which one clock gains on the other at a constant rate",
        [
            .field(JSONTerms.clockFrom) { .time($0.start) },
            .field(JSONTerms.clockUntil) { .time($0.end) },
            .field(JSONTerms.reference) { .time($0.reference) },
            .field(JSONTerms.offset) { .duration($0.offset) },
            .field(JSONTerms.offsetLow) { piece in .duration(piece.margin.map { piece.offset - $0 })
            },
            .field(JSONTerms.offsetHigh) { piece in
                .duration(piece.margin.map { piece.offset + $0 })
            },
            .field(JSONTerms.drift) { .integer(perBillion($0.drift)) },
            .field(JSONTerms.driftLow) {
                .integer($0.driftBounds.map { perBillion($0.lowerBound, .down) })
            },
            .field(JSONTerms.driftHigh) {
                .integer($0.driftBounds.map { perBillion($0.upperBound, .up) })
            },
        ])

    private static func perBillion(
        _ rate: Double, _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> Int64 { Int64((rate * 1e9).rounded(rule)) }

    /// A connection on its way.
    struct PathRow {
        let report: ComparisonReport
        let index: Int

        var path: PathConnection { report.comparison.paths[index] }

        func end(_ role: Role, at tap: Int? = nil) -> JSONValue {
            let shownTap = tap ?? path.seenBy.first ?? 0
            guard let end = path.end(role, at: shownTap, report.comparison.taps) else {
                return .absent
            }
            return .end(end.address, end.port)
        }

        /// What became of what an end sent, at all pairs of taps.
        func fates(_ role: Role) -> JSONValue {
            var sum = FateCounts()
            for pair in report.comparison.pairs.indices {
                if let fateCounts = path.fateCounts(of: role, pair, report.comparison.pairs) {
                    sum += fateCounts
                }
            }
            return .counts(counts(sum))
        }
    }

    static let path = JSONRecord<PathRow>(
        "path", "a connection as all taps saw it",
        [
            .field(JSONTerms.client) { $0.end(.client) },
            .field(JSONTerms.server) { $0.end(.server) },
            .field(JSONTerms.firstSeen) { .time($0.path.first) },
            .field(JSONTerms.matchKind) { .text($0.path.weakestKind?.rawValue) },
            .field(JSONTerms.sightings) { row in
                .objects { style in
                    row.path.seenBy.map { sighting.object(SightingRow(row: row, tap: $0), style) }
                }
            },
            .field(JSONTerms.verdicts) { row in
                .objects { style in
                    row.report.verdicts[row.index].map {
                        pathVerdict.object(VerdictRow(report: row.report, verdict: $0), style)
                    }
                }
            },
            .field(JSONTerms.clientFates) { $0.fates(.client) },
            .field(JSONTerms.serverFates) { $0.fates(.server) },
        ])

    /// A connection at a tap.
    struct SightingRow {
        let row: PathRow
        let tap: Int
    }

    static let sighting = JSONRecord<SightingRow>(
        "sighting", "a connection at one tap",
        [
            .field(JSONTerms.tap) { .text($0.row.report.name($0.tap)) },
            .field(JSONTerms.client) { $0.row.end(.client, at: $0.tap) },
            .field(JSONTerms.server) { $0.row.end(.server, at: $0.tap) },
        ])

    /// A verdict on a connection.
    struct VerdictRow {
        let report: ComparisonReport
        let verdict: PathVerdict
    }

    static let pathVerdict = JSONRecord<VerdictRow>(
        "path_verdict", "what happened to a connection on its path",
        [
            .field(JSONTerms.pathVerdict) { .text($0.verdict.kind.rawValue) },
            .field(JSONTerms.sender) { .text($0.verdict.sender?.name) },
            .field(JSONTerms.actor) { .text($0.verdict.actor) },
            .field(JSONTerms.fromTap) { row in
                .text(row.verdict.gap.map { row.report.name($0.from) })
            },
            .field(JSONTerms.toTap) { row in .text(row.verdict.gap.map { row.report.name($0.to) })
            },
            .field(JSONTerms.grade) { .text($0.verdict.grade.name) },
            .field(JSONTerms.count) { .integer(Int64($0.verdict.count)) },
            .field(JSONTerms.sentence) {
                .text(PathWords(report: $0.report, verdict: $0.verdict).sentence)
            },
            .field(JSONTerms.evidence) { row in
                .objects { style in
                    row.verdict.evidence.map { pathFrame(row.report, $0, style) }
                }
            },
            .field(JSONTerms.usualTTL) { .integer($0.verdict.usualTimeToLive.map { Int64($0) }) },
            .field(JSONTerms.changes) { row in
                .objects { style in row.verdict.changes.map { optionChange.object($0, style) } }
            },
        ])

    /// A frame of a tap.
    struct FrameRow {
        let tap: String
        let frame: UInt64
        let time: Timestamp
        let timeToLive: UInt8
    }

    static let pathFrame = JSONRecord<FrameRow>(
        "path_frame", "a frame of one tap",
        [
            .field(JSONTerms.tap) { .text($0.tap) },
            .field(JSONTerms.frame) { .frame($0.frame) },
            .field(JSONTerms.ts) { .time($0.time) },
            .field(JSONTerms.ttl) { .integer(Int64($0.timeToLive)) },
        ])

    static func pathFrame(
        _ report: ComparisonReport, _ frame: PathVerdict.Evidence, _ style: JSONStyle
    ) -> JSONObject {
        return pathFrame.object(
            FrameRow(
                tap: report.name(frame.tap), frame: frame.frame, time: frame.time,
                timeToLive: frame.timeToLive), style.atTap(frame.tap, of: report))
    }

    static let optionChange = JSONRecord<OptionChange>(
        "option_change", "a field of a SYN that was changed on the path",
        [
            .field(JSONTerms.sender) { .text($0.sender.name) },
            .field(JSONTerms.changedField) { .text($0.field) },
            .field(JSONTerms.before) { .integer($0.before.map { Int64($0) }) },
            .field(JSONTerms.after) { .integer($0.after.map { Int64($0) }) },
        ])

    /// A segment of one tap of a pair.
    struct PathSegmentRow {
        let report: ComparisonReport
        let pair: Int
        let tapSide: PairComparison.TapSide
        let segment: Int

        private var compared: PairComparison { report.comparison.pairs[pair] }
        /// The index of a tap of the pair.
        func tap(_ tapSide: PairComparison.TapSide) -> Int { tapSide == .near ? pair : pair + 1 }
        var own: TapSegment { compared.tap(tapSide).segments[segment] }
        var fate: SegmentFate { compared.fate(of: segment, at: tapSide) }

        var counterpart: PathVerdict.Evidence? {
            compared.counterpart(of: segment, at: tapSide).map {
                let found = compared.tap(tapSide.other).segments[$0]
                return PathVerdict.Evidence(found, at: tap(tapSide.other))
            }
        }

        var alterations: [String] {
            guard
                let near = tapSide == .near ? segment : compared.counterpart(of: segment, at: .far)
            else { return [] }
            let altered = compared.alterations(of: near)
            return Alteration.names.filter { altered.contains($0.0) }.map(\.1)
        }
    }

    static let pathSegment = JSONRecord<PathSegmentRow>(
        "path_segment", "a segment at one tap, and what became of it between that tap and another",
        [
            .field(JSONTerms.tap) { .text($0.report.name($0.tap($0.tapSide))) },
            .field(JSONTerms.otherTap) { .text($0.report.name($0.tap($0.tapSide.other))) },
            .field(JSONTerms.frame) { .frame($0.own.frame) },
            .field(JSONTerms.ts) { .time($0.own.time) },
            .field(JSONTerms.fate) { .text($0.fate.name) },
            .field(JSONTerms.counterpart) { row in
                .object { style in row.counterpart.map { pathFrame(row.report, $0, style) } }
            },
            .field(JSONTerms.altered) { .texts($0.alterations) },
        ])
}
