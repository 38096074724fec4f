public import Wire

/// How long segments take from one tap to the next, in one direction.
public struct PathDelay: Sendable {
    /// The median, by the offset of the clocks that is printed.
    public let median: TimeSpan
    /// What the median is between, as far as the offset is known; nil where nothing bounds that.
    public let bounds: (low: TimeSpan, high: TimeSpan)?

    init?(_ median: TimeSpan?, _ clock: ClockModel) {
        guard let median, !clock.pieces.isEmpty else { return nil }
        self.median = median
        let margins = clock.pieces.compactMap(\.margin)
        guard margins.count == clock.pieces.count, let widest = margins.max() else {
            bounds = nil
            return
        }
        bounds = (max(0, median - widest), median + widest)
    }
}

extension PairComparison {
    /// How long segments take; nil where none was seen at both taps.
    ///
    /// - Parameter isOutward: whether from the first tap to the second.
    public func delay(isOutward: Bool) -> PathDelay? {
        PathDelay(middleDelays[isOutward ? 0 : 1], clock)
    }
}
