public import Wire

/// How many lengths of time fell into each of some ranges.
public struct DurationHistogram: Sendable {
    /// The upper bound of each range, included; one more range has the rest.
    public let bounds: [TimeSpan]
    /// The numbers in each range, not summed up.
    public private(set) var counts: [UInt64]
    /// All of them.
    public private(set) var count: UInt64 = 0
    /// Their sum; stays at the longest time that there is.
    public private(set) var sum: TimeSpan = 0

    /// An empty one.
    public init(bounds: [TimeSpan]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// Counts a length; below zero counts as zero.
    public mutating func note(_ span: TimeSpan) {
        let length = max(0, span)
        counts[bounds.firstIndex { length <= $0 } ?? bounds.count] += 1
        count += 1
        sum += length
    }
}
