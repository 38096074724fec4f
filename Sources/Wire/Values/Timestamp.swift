/// A point in time as captures give it: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
///
/// It is always the packet's own time, passed in; nothing below the command reads a clock.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since the epoch; negative before it.
    public var nanoseconds: Int64

    /// Wraps nanoseconds since the epoch.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Earlier before later.
    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Nanoseconds from `b` to `a`; wraps for times more than 292 years apart.
    @inlinable
    public static func - (a: Timestamp, b: Timestamp) -> Int64 { a.nanoseconds &- b.nanoseconds }

    /// The time that many nanoseconds later.
    @inlinable
    public static func + (a: Timestamp, nanoseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds &+ nanoseconds)
    }

    /// The time that many nanoseconds earlier.
    @inlinable
    public static func - (a: Timestamp, nanoseconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: a.nanoseconds &- nanoseconds)
    }
}
