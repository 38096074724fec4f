public import Diagnosis
internal import Wire

/// One threshold with another value: `close-wait=120s`, `close-wait-count=50`, `flood-share=20%`.
public struct ThresholdOverride: Sendable {
    private let name: Thresholds.Name
    private let value: Int64

    /// Reads a name and a value.
    public init(_ argument: String) throws(ArgumentFailure) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard let name = Thresholds.Name.allCases.first(where: { $0.name == parts.first }) else {
            let names = Thresholds.Name.allCases.map(\.name).joined(separator: ", ")
            throw ArgumentFailure("unknown threshold; valid names: \(names)")
        }
        guard parts.count == 2, let value = ThresholdOverride.value(parts[1], in: name.unit) else {
            throw ArgumentFailure(
                "\(name.name) takes \(name.unit.expected), for example \(name.name)=\(name.standardText)"
            )
        }
        self.name = name
        self.value = value
    }

    private static func value(_ text: String, in unit: Thresholds.Unit) -> Int64? {
        switch unit {
        case .time: return TimeSpan(argument: text)?.nanoseconds
        case .count, .percent:
            let digits = unit == .percent && text.hasSuffix("%") ? text.dropLast() : text[...]
            guard let number = Int64(digits), number >= 0, number <= 1 << 40 else { return nil }
            return number
        }
    }

    /// The thresholds with some overrides, separated by commas.
    public static func thresholds(_ list: String) throws(ArgumentFailure) -> Thresholds {
        var limits = Thresholds.standard
        for argument in list.split(separator: ",") {
            try ThresholdOverride(String(argument)).apply(to: &limits)
        }
        return limits
    }

    /// Puts the value into the table.
    public func apply(to limits: inout Thresholds) { limits[name] = value }
}

extension Thresholds.Unit {
    /// What a value looks like, in words.
    fileprivate var expected: String {
        switch self {
        case .time: "a length of time"
        case .count: "a number"
        case .percent: "a percentage"
        }
    }
}
