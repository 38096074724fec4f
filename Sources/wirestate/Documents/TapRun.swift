import Analysis
import Capture
import Comparison
import Reports
import TCPState
import Wire

/// The captures of several taps, read and compared.
struct TapRun {
    /// What was read of each tap.
    let readings: [TapReading]
    /// The comparison; nil where nothing of a tap could be read.
    let report: ComparisonReport?
    /// What was wrong with the files.
    private let problems: [CaptureError]

    init(_ readings: [TapReading]) throws {
        self.readings = readings
        let results = try TapReading.read(readings)
        problems = results.flatMap(\.problems)
        let hasNothing = results.contains { $0.tap.counts.frames == 0 && !$0.problems.isEmpty }
        report =
            hasNothing
            ? nil
            : ComparisonReport(Comparison(results.map(\.tap)), captures: results.map(\.capture))
    }

    /// The states of all connections, from trackers that read each tap's captures.
    func history(_ report: ComparisonReport, _ profile: StackProfile) throws -> PathHistory {
        try PathHistory(report.comparison, readings.map { $0.analysis(profile) })
    }

    /// The first connection with some ends at any tap, segment by segment.
    func ladder(
        of ends: ConnectionEnds, in report: ComparisonReport, _ profile: StackProfile
    ) throws -> PathLadder {
        let mask = readings.first?.mask
        let shown = mask.map { mask in ends.replacingAddresses { mask[$0] } } ?? ends
        guard let index = report.comparison.firstPath(where: { shown.matches($0) }) else {
            throw CommandFailure(
                lines: ["no connection of \(ends.text) was found at two taps"], code: 2)
        }
        return try history(report, profile).ladder(of: index, in: report)
    }

    /// See ``Output/end(_:)``.
    func end(_ output: Output) throws(CommandFailure) { try output.end(problems) }
}

extension Output {
    /// Writes a connection past several taps, as JSON where a style is given.
    func write(
        _ ladder: PathLadder, _ json: JSONStyle?, _ spelling: StateSpelling, _ layout: TextLayout
    ) {
        if let json { return write(ladder, as: JSONPathLadder(json)) }
        write(ladder, as: ASCIIText(TextPathLadder(spelling: spelling, layout: layout), layout))
    }
}
