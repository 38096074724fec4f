public import Wire

/// How many lengths of time fell into each of some ranges.
public struct DurationHistogram: Sendable {
    /// The upper bound of each range, included; one more range has the rest.
    public let bounds: [TimeSpan]
    /// The numbers in each range, not summed up: in place, so that a note touches no other memory.
    private var counts = InlineArray<12, UInt64>(repeating: 0)
    /// All of them.
    public private(set) var count: UInt64 = 0
    /// Their sum; stays at the longest time that there is.
    public private(set) var sum: TimeSpan = 0

    /// An empty one.
    ///
    /// - Parameter bounds: in order; eleven at most.
    public init(bounds: [TimeSpan]) {
        precondition(bounds.count < counts.count, "more bounds than a histogram has room for")
        self.bounds = bounds
    }

    /// The number in a range, by the range's place; those beyond the last bound come last.
    public subscript(range: Int) -> UInt64 { counts[range] }

    /// Counts a length; below zero counts as zero.
    public mutating func observe(_ span: TimeSpan) {
        let duration = max(0, span)
        counts[bounds.firstIndex { duration <= $0 } ?? bounds.count] += 1
        count += 1
        sum += duration
    }
}
