internal import Wire

/// Seconds since a ladder's first segment, at the right edge of a column. All rows have as many decimals, six at most: as
/// many as the longest time leaves room for.
struct LadderClock {
    /// The column's width.
    let width: Int
    private let places: Int

    /// - Parameters:
    ///   - spans: the times of all rows.
    ///   - width: the column's width, unless the whole seconds need more.
    ///   - isWhole: whether the column widens for all decimals.
    init(_ spans: some Sequence<TimeSpan>, width: Int, isWhole: Bool) {
        let digits = spans.lazy.map { LadderClock.whole($0).count }.max() ?? 1
        self.width = max(width, digits + (isWhole ? 7 : 0))
        places = min(6, max(0, self.width - digits - 1))
    }

    /// A time, filled up to the width.
    func text(_ span: TimeSpan) -> String {
        let micros = span.nanoseconds.magnitude / 1000 % 1_000_000
        let decimals = String(1_000_000 + micros).dropFirst().prefix(places)
        return (LadderClock.whole(span) + (places > 0 ? "." + decimals : "")).right(width)
    }

    private static func whole(_ span: TimeSpan) -> String {
        (span.nanoseconds < 0 ? "-" : "") + String(span.nanoseconds.magnitude / 1_000_000_000)
    }
}
