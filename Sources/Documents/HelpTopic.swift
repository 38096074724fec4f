internal import Diagnosis
public import Reports

/// What `wirestate help` explains beside the commands.
public enum HelpTopic: String, CaseIterable, Sendable {
    /// The kinds of findings.
    case kinds
    /// The thresholds of `--threshold`.
    case thresholds
    /// The filter language of `--where`.
    case filters

    /// The topic that a command line asks for; nil for any other one.
    public init?(arguments: [String]) {
        guard arguments.count == 2, arguments[0] == "help" else { return nil }
        self.init(rawValue: arguments[1])
    }

    /// Writes the explanation.
    public func write(_ layout: TextLayout, to output: Output) {
        switch self {
        case .kinds: output.write(Diagnosis.allCases, as: KindGuide(layout: layout))
        case .thresholds: output.write(.standard, as: ThresholdGuide(layout: layout))
        case .filters: output.write(ConnectionFilter.guide, as: FilterGuide(layout: layout))
        }
    }
}
