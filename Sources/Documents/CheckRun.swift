public import Analysis
public import Diagnosis
internal import POSIX
internal import Reports

/// A verdict on captures, and the documents beside it.
public struct CheckRun {
    /// From which values on findings count.
    public var limits = Thresholds.standard
    /// Findings that must not occur; warnings and worse where there are none.
    public var rules: [FailRule] = []
    /// Findings that must occur.
    public var expected: [FailRule] = []
    /// Whether captures without connections pass.
    public var allowsEmpty = false
    /// Whether the documents have all connections of a finding.
    public var showsAll = false
    /// Whether the verdict is printed as JSON.
    public var isJSON = false
    /// Where it is written to as JUnit XML.
    public var junit: String?
    /// Where it is written to as SARIF.
    public var sarif: String?

    private let analysis: CaptureAnalysis
    private let style: DocumentStyle
    private let version: String

    /// - Parameter version: of this program, as SARIF has it.
    public init(_ analysis: CaptureAnalysis, _ style: DocumentStyle, version: String) {
        self.analysis = analysis
        self.style = style
        self.version = version
    }

    /// The rules that are broken by what must not occur.
    var effectiveRules: [FailRule] {
        rules.isEmpty ? [FailRule("warning")].compactMap { $0 } : rules
    }

    /// Reads the captures, writes the documents and prints the verdict. Returns whether it is a good one.
    public func write(to output: Output) throws -> Bool {
        let (input, report) = try analysis.report(
            limits, exampleLimit: showsAll ? nil : 3, spelling: style.spelling)
        let verdict = Verdict(
            report, effectiveRules, expecting: expected, allowsEmpty: allowsEmpty,
            problems: input.problems.map { "\($0)" })
        let inputs = analysis.options.inputs
        if let junit {
            try DocumentFile.replace(junit, by: verdict, as: JUnitVerdict(), inputs: inputs)
        }
        if let sarif {
            let format = SARIFVerdict(version: version, folder: workingDirectory)
            try DocumentFile.replace(sarif, by: verdict, as: format, inputs: inputs)
        }
        if input.hasNothing {
            // The problems are all there is to say.
        } else if isJSON {
            output.write(verdict, as: JSONVerdict(names: style.names))
        } else {
            output.write(verdict, as: ASCIIText(TextVerdict(layout: style.layout), style.layout))
        }
        try input.end(output)
        return !verdict.hasFailed
    }
}
