internal import TCPState
internal import Wire

/// What time each capture covers.
///
/// A capture covers at least the time from its first frame to its last. Beyond, nothing tells a tap that had ended from
/// a network that was quiet, but the other tap: where that shows data, a FIN or acknowledgments of new data from this
/// tap's side, which this tap would have seen, it was not there.
struct Coverage: Sendable {
    /// Whether the captures are known to begin with their first frames, and to end with their last.
    var beginsWithFirst = [false, false]
    var endsWithLast = [false, false]

    /// Adds what another part of the connections shows.
    mutating func formUnion(_ other: Coverage) {
        for index in beginsWithFirst.indices {
            if other.beginsWithFirst[index] { beginsWithFirst[index] = true }
            if other.endsWithLast[index] { endsWithLast[index] = true }
        }
    }

    /// Where a moment lies.
    enum Position {
        /// Between the first frame and the last.
        case inside
        /// Beyond, and nothing shows that the tap was not there.
        case quiet
        /// Beyond, where the tap was not.
        case outside
    }

    /// Where a moment lies in the capture of a tap, by its own clock.
    ///
    /// - Parameter slack: how uncertain the moment is.
    func position(
        of time: Timestamp, slack: TimeSpan, at tapSide: PairComparison.TapSide, _ tap: Tap
    ) -> Position {
        guard let first = tap.counts.first, let last = tap.counts.last else { return .outside }
        // What had no room may be what is looked for.
        if let full = tap.counts.fullSince, time + slack >= full { return .outside }
        if time - slack < first, beginsWithFirst[tapSide.rawValue] { return .outside }
        if time + slack > last, endsWithLast[tapSide.rawValue] { return .outside }
        return time < first || time > last ? .quiet : .inside
    }
}
