internal import Comparison

/// A comparison of taps as JSON lines: the taps and their clocks, then one line per connection, and one per segment where
/// they are asked for.
public struct JSONComparison: Format {
    private let names: JSONNames
    private let hasSegments: Bool

    /// - Parameters:
    ///   - names: whose names fields have, in the objects.
    ///   - hasSegments: whether each segment has a line.
    public init(names: JSONNames = .wirestate, hasSegments: Bool = false) {
        self.names = names
        self.hasSegments = hasSegments
    }

    /// Writes a comparison.
    public mutating func write(_ report: ComparisonReport, to sink: inout some Sink & ~Copyable) {
        let style = JSONStyle(names: names)
        sink.write(JSONRecords.comparison.namedLine(report, style))
        for index in report.comparison.paths.indices {
            let row = JSONRecords.PathRow(report: report, index: index)
            sink.write(JSONRecords.path.namedLine(row, style))
        }
        guard hasSegments else { return }
        for (index, pair) in report.comparison.pairs.enumerated() {
            for tapSide in PairComparison.TapSide.allCases {
                let tap = tapSide == .near ? index : index + 1
                let style = JSONStyle(frames: report.captures[tap].numbering, names: names)
                for segment in pair.tap(tapSide).segments.indices {
                    let row = JSONRecords.PathSegmentRow(
                        report: report, pair: index, tapSide: tapSide, segment: segment)
                    sink.write(JSONRecords.pathSegment.namedLine(row, style))
                }
            }
        }
    }
}
