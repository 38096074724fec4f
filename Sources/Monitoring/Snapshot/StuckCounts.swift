public import Diagnosis
public import Wire

/// How many connections are stuck at a moment, by what is the matter.
public struct StuckCounts: Sendable {
    /// What they are counted by.
    public struct Key: Hashable, Sendable {
        /// What is the matter.
        public let diagnosis: Diagnosis
        /// How bad it is.
        public let severity: Severity
        /// Who has to act.
        public let fault: Fault
    }

    /// The numbers.
    public private(set) var counts: [Key: UInt64] = [:]
    /// When the oldest trouble of a kind began.
    public private(set) var oldest: [Diagnosis: Timestamp] = [:]
    /// All of them.
    public private(set) var total: UInt64 = 0

    /// None.
    public init() {}

    /// Counts one.
    public mutating func count(_ finding: Finding) {
        total += 1
        counts[
            Key(
                diagnosis: finding.diagnosis, severity: finding.severity, fault: finding.fault),
            default: 0] += 1
        oldest[finding.diagnosis] = min(oldest[finding.diagnosis] ?? finding.since, finding.since)
    }

    /// The kinds in a fixed order, the worst first.
    public var keys: [Key] {
        counts.keys.sorted {
            ($0.severity.rawValue, $0.diagnosis.rawValue, $0.fault.rawValue)
                < ($1.severity.rawValue, $1.diagnosis.rawValue, $1.fault.rawValue)
        }
    }
}
