/// A point in time as captures give it: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
///
/// It is always the packet's own time, passed in; nothing below the command reads a clock. Any value may
/// come from a file: the operators never trap, see ``TimeSpan``.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch; negative before it.
    public var nanoseconds: Int64

    /// Wraps nanoseconds since the epoch.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Earlier before later.
    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The time from `b` to `a`; the longest there is where they are more than 292 years apart.
    @inlinable
    public static func - (a: Timestamp, b: Timestamp) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds.saturatingDifference(b.nanoseconds))
    }

    /// The moment that much later, or the last one there is.
    @inlinable
    public static func + (a: Timestamp, span: TimeSpan) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds.saturatingSum(span.nanoseconds))
    }

    /// The moment that much earlier, or the first one there is.
    @inlinable
    public static func - (a: Timestamp, span: TimeSpan) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds.saturatingDifference(span.nanoseconds))
    }
}
