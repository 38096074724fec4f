internal import Analysis
public import Arguments
internal import HTMLReport
internal import POSIX
public import Reports
public import TCPState

/// What is printed and written of a comparison of several taps.
public struct ComparisonDocuments {
    private let report: ComparisonReport
    private let run: TapRun
    private let isJSON: Bool
    private let style: DocumentStyle

    /// The documents of a comparison.
    public init(
        _ report: ComparisonReport, _ run: TapRun, isJSON: Bool, _ style: DocumentStyle
    ) {
        self.report = report
        self.run = run
        self.isJSON = isJSON
        self.style = style
    }

    /// Prints what became of connections and segments.
    ///
    /// - Parameters:
    ///   - hasSegments: whether JSON has a line for each segment.
    ///   - showsAll: whether text shows all connections.
    public func writeReport(hasSegments: Bool, showsAll: Bool, to output: Output) {
        if isJSON {
            let format = JSONComparison(names: style.names, hasSegments: hasSegments)
            return output.write(report, as: format)
        }
        let limit = showsAll ? nil : TextComparison.standardLimit
        let text = TextComparison(layout: style.layout, limit: limit)
        output.write(report, as: ASCIIText(text, style.layout))
    }

    /// Prints one connection segment by segment.
    public func writeLadder(
        of ends: ConnectionEnds, _ profile: StackProfile, to output: Output
    ) throws {
        output.write(try run.ladder(of: ends, in: report, profile), isJSON: isJSON, style)
    }

    /// Prints every change of state, each as seen at the nearest tap.
    public func writeTransitions(_ profile: StackProfile, to output: Output) throws {
        let history = try run.history(report, profile)
        func write(_ format: some Format<PathTransition>) {
            var (format, output) = (format, output)
            format.begin(&output)
            for change in history.changes {
                if output.isClosed { break }
                format.write(change, to: &output)
            }
            format.end(&output)
        }
        if isJSON { return write(JSONPathTransitions(report, style.json())) }
        let text = TextPathTransitions(report, spelling: style.spelling, layout: style.layout)
        write(ASCIIText(text, style.layout))
    }

    /// Writes the comparison as one HTML file.
    public func writeHTML(to path: String) throws {
        try DocumentFile(path, inputs: inputs).write(report, as: HTMLComparison())
    }

    /// Writes the packets of affected connections to a folder, and names the files on standard error.
    public func writeEvidence(to directory: String) throws {
        try namingFiles {
            try TapEvidence(directory: directory).write(report, run.readings, inputs: inputs)
        }
    }

    /// The files that are read, which no output may be.
    private var inputs: [FileIdentity] {
        run.readings.flatMap(\.files).compactMap { FileIdentity(path: $0) }
    }
}
