public import Analysis
public import Arguments
public import Capture
internal import Comparison
internal import Host
public import Reports
public import TCPState
public import Wire

/// The captures of several taps, read and compared.
public struct TapRun {
    /// What was read of each tap.
    public let readings: [TapReading]
    /// The comparison; nil where nothing of a tap could be read.
    public let report: ComparisonReport?
    /// What was wrong with the files.
    private let problems: [CaptureError]

    /// Reads the captures.
    public init(_ readings: [TapReading]) throws {
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
    public func history(_ report: ComparisonReport, _ profile: StackProfile) throws -> PathHistory {
        try PathHistory(report.comparison, readings.map { $0.analysis(profile) })
    }

    /// The first connection with some ends at any tap, segment by segment.
    public func ladder(
        of ends: ConnectionEnds, in report: ComparisonReport, _ profile: StackProfile
    ) throws -> PathLadder {
        let mask = readings.first?.mask
        let shown = mask.map { mask in ends.replacingAddresses { mask[$0] } } ?? ends
        guard let index = report.comparison.firstPath(where: { shown.matches($0) }) else {
            throw RunFailure(
                "no connection of \(ends.text) was found at two taps", cause: .request)
        }
        return try history(report, profile).ladder(of: index, in: report)
    }

    /// See ``Output/end(_:)``.
    public func end(_ output: Output) throws(RunFailure) {
        try output.end(problems.map { "\($0)" })
    }
}

extension Output {
    /// Writes a connection past several taps, as JSON or as text.
    public func write(_ ladder: PathLadder, isJSON: Bool, _ style: DocumentStyle) {
        if isJSON { return write(ladder, as: JSONPathLadder(style.json())) }
        let text = TextPathLadder(spelling: style.spelling, layout: style.layout)
        write(ladder, as: ASCIIText(text, style.layout))
    }
}

extension TapReading {
    /// What to read of each tap.
    ///
    /// - Parameters:
    ///   - segmentLimit: segments of a tap that are kept; nil for as many as fit into half of the free memory.
    ///   - mask: replaces addresses; nil where they stay.
    public static func all(
        _ taps: [TapArgument], _ filter: String?, _ backend: CaptureReader.Backend,
        segmentLimit: Int?, mask: AddressMask?
    ) -> [TapReading] {
        let limit = segmentLimit ?? FreeMemory.connections * 8 / max(1, taps.count)
        let bar = ProgressBar()
        return taps.enumerated().map { index, tap in
            var reading = TapReading(name: tap.name, files: tap.files)
            reading.filter = filter
            reading.backend = backend
            reading.segmentLimit = limit
            reading.mask = mask
            // All taps are read at the same time: one bar stands for them.
            if index == 0 { reading.onProgress = { bar.show($0) } }
            return reading
        }
    }
}
