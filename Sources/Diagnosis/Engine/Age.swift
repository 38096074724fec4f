public import Wire

/// A length of time in words that are at most eight characters long: `45 µs`, `18.4 s`, `5m 12s`.
public struct Age: CustomStringConvertible, Sendable {
    private let nanoseconds: Int64

    /// Wraps a length; below zero counts as zero.
    public init(_ span: TimeSpan) { nanoseconds = max(0, span.nanoseconds) }

    /// The text.
    public var description: String {
        let microseconds = nanoseconds / 1000
        let seconds = nanoseconds / 1_000_000_000
        switch nanoseconds {
        case ..<1_000_000: return "\(microseconds) µs"
        case ..<1_000_000_000: return "\(microseconds / 1000) ms"
        case ..<100_000_000_000: return "\(seconds).\(nanoseconds / 100_000_000 % 10) s"
        case ..<3_600_000_000_000: return "\(seconds / 60)m \(pad(seconds % 60))s"
        case ..<86_400_000_000_000: return "\(seconds / 3600)h \(pad(seconds / 60 % 60))m"
        default: return "\(seconds / 86400)d \(pad(seconds / 3600 % 24))h"
        }
    }

    private func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
