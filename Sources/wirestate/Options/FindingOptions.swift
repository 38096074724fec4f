import ArgumentParser
import Capture
import Diagnosis
import Reports

/// The flags of the commands that look for findings.
struct FindingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From when on something counts, such as 'close-wait=120s'; may be repeated. Thresholds:"
                + " \(thresholds).", valueName: "name=value"))
    var threshold: [ThresholdOverride] = []

    /// The thresholds with their overrides.
    var limits: Thresholds {
        var limits = Thresholds.standard
        for override in threshold { override.apply(to: &limits) }
        return limits
    }
}

/// The names of the thresholds with their defaults, for help.
private let thresholds = Thresholds.Name.allCases.map { name in
    let value: Int64 = Thresholds.standard[name]
    switch name.unit {
    case .time: return "\(name.name) \(Double(value) / 1e9)s"
    case .count: return "\(name.name) \(value)"
    case .percent: return "\(name.name) \(value)%"
    }
}.joined(separator: ", ")
