public import Comparison
public import Diagnosis
internal import TCPState
public import Wire

/// One connection, segment by segment, past all taps.
public struct PathLadder: Sendable {
    /// What all taps saw.
    public let report: ComparisonReport
    /// The connection's index in the comparison's paths.
    public let index: Int
    /// Its segments in order of time.
    public let rows: [LadderRow]
    /// The changes of both ends' states in order of time, where they are known.
    public let changes: [PathTransition]
    /// What is the matter with it, where that is known.
    public let findings: [FindingGroup]

    /// One segment on its way.
    public struct LadderRow: Sendable {
        /// Its way past the taps.
        public let trace: SegmentTrace
        /// The segment at the first tap that it passed.
        public let segment: TapSegment
        /// When it passed that tap, by the first tap's clock.
        public let time: Timestamp
        /// What is odd about it, in words; empty as a rule.
        public let notes: [String]
    }

    /// Follows all segments of a path.
    ///
    /// - Parameters:
    ///   - changes: of the states of this path's ends.
    ///   - findings: on this path's connection.
    /// - Complexity: O(n log n) in its segments.
    public init(
        _ report: ComparisonReport, path index: Int, changes: [PathTransition] = [],
        findings: [FindingGroup] = []
    ) {
        self.changes = changes
        self.findings = findings
        self.report = report
        self.index = index
        let comparison = report.comparison
        let path = comparison.paths[index]
        var rows: [LadderRow] = []
        for tap in path.seenBy {
            for number in comparison.taps[tap].segments(of: path.parts[tap] ?? 0) {
                let trace = SegmentTrace(number, at: tap, of: path, comparison)
                guard trace.sightings.map(\.tap).min() == tap else { continue }
                let first = trace.sightings[0]
                let segment = comparison.taps[first.tap].segments[first.segment]
                rows.append(
                    LadderRow(
                        trace: trace, segment: segment,
                        time: comparison.time(segment.time, at: first.tap),
                        notes: PathLadder.notes(trace, report)))
            }
        }
        self.rows = rows.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
    }

    /// The connection.
    public var path: PathConnection { report.comparison.paths[index] }

    /// The frames that show a segment: `12`, or `-` where a tap has none.
    package func frame(_ row: LadderRow, at tap: Int) -> String {
        guard let sighting = row.trace.sightings.first(where: { $0.tap == tap }) else { return "-" }
        let segment = report.comparison.taps[tap].segments[sighting.segment]
        return report.captures[tap].numbering.text(segment.frame)
    }

    private static func notes(_ trace: SegmentTrace, _ report: ComparisonReport) -> [String] {
        var notes: [String] = []
        func between(_ gap: SegmentTrace.Gap) -> String {
            "\(report.name(gap.from).visible) and \(report.name(gap.to).visible)"
        }
        if let gap = trace.before {
            switch gap.fate {
            case .injected: notes.append("injected between \(between(gap))")
            case .duplicated: notes.append("duplicated between \(between(gap))")
            case .missed: notes.append("not captured at \(report.name(gap.from).visible)")
            default: break
            }
        }
        if let gap = trace.after {
            switch gap.fate {
            case .lost: notes.append("lost between \(between(gap))")
            case .missed: notes.append("not captured at \(report.name(gap.to).visible)")
            default: break
            }
        }
        for (a, b) in zip(trace.sightings, trace.sightings.dropFirst()) {
            let near = a.tap < b.tap ? a : b
            let altered = report.comparison.pairs[near.tap].alterations(of: near.segment)
                .intersection([.acknowledgment, .flags, .timestamps, .payload])
            let names = Alteration.names.filter { altered.contains($0.0) }.map(\.1)
            if !names.isEmpty { notes.append("altered: \(names.joined(separator: ", "))") }
        }
        return notes
    }
}
