/// A check as JSON lines: the verdict, then the report with all findings.
public struct JSONVerdict: Format {
    private let names: JSONNames

    /// - Parameter names: whose names fields have, in the objects.
    public init(names: JSONNames = .wirestate) { self.names = names }

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        let style = JSONStyle(
            spelling: verdict.report.spelling, frames: verdict.report.input.numbering,
            names: names)
        sink.write(JSONRecords.verdict.namedLine(verdict, style))
        var report = JSONReport(names: names)
        report.write(verdict.report, to: &sink)
    }
}
