/// How many lengths of time fell into each of some ranges.
public struct DurationHistogram: Sendable {
    /// The upper bound of each range, included, in nanoseconds; one more range has the rest.
    public let bounds: [Int64]
    /// The numbers in each range, not summed up.
    public private(set) var counts: [UInt64]
    /// All of them.
    public private(set) var count: UInt64 = 0
    /// Their sum, in nanoseconds; stays at the largest number that there is.
    public private(set) var sum: Int64 = 0

    /// An empty one.
    public init(bounds: [Int64]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// Counts a length; below zero counts as zero.
    public mutating func note(_ nanoseconds: Int64) {
        let length = max(0, nanoseconds)
        counts[bounds.firstIndex { length <= $0 } ?? bounds.count] += 1
        count += 1
        let (total, isOver) = sum.addingReportingOverflow(length)
        sum = isOver ? .max : total
    }
}
