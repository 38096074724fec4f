import ArgumentParser
import Diagnosis
import Wire

/// One threshold with another value: `close-wait=120s`, `close-wait-count=50`.
struct ThresholdOverride: ExpressibleByArgument {
    private let name: Thresholds.Name
    private let value: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2,
            let name = Thresholds.Name.allCases.first(where: { $0.name == parts[0] })
        else { return nil }
        self.name = name
        switch name.unit {
        case .time:
            guard let length = DurationArgument.span(parts[1]) else { return nil }
            value = length.nanoseconds
        case .count, .percent:
            guard let number = Int64(parts[1]), number >= 0, number <= 1 << 40 else { return nil }
            value = number
        }
    }

    /// Puts the value into the table.
    func apply(to limits: inout Thresholds) { limits[name] = value }
}
