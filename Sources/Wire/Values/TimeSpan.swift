/// A length of time in nanoseconds, up to 292 years either way.
///
/// Times come from packets and files: the operators of ``TimeSpan`` and ``Timestamp`` never trap. What lies
/// beyond the range is the nearest that there is. An integer literal is a number of nanoseconds.
public struct TimeSpan: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    /// The length; negative for a step back.
    public var nanoseconds: Int64

    /// Wraps a number of nanoseconds.
    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The number of nanoseconds that the literal says.
    @inlinable
    public init(integerLiteral value: Int64) { nanoseconds = value }

    /// A number of seconds, or the longest time there is.
    @inlinable
    public static func seconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count).multiplied(by: 1_000_000_000)
    }

    /// A number of milliseconds, or the longest time there is.
    @inlinable
    public static func milliseconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count).multiplied(by: 1_000_000)
    }

    /// The longest time: no timer runs for it.
    @inlinable public static var max: TimeSpan { TimeSpan(nanoseconds: .max) }
    /// The longest step back.
    @inlinable public static var min: TimeSpan { TimeSpan(nanoseconds: .min) }

    /// Whole seconds, rounded towards zero.
    @inlinable
    public var seconds: Int64 { nanoseconds / 1_000_000_000 }

    /// The same length forwards.
    @inlinable
    public var magnitude: TimeSpan { nanoseconds < 0 ? -self : self }

    /// Shorter before longer.
    @inlinable
    public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Both one after the other.
    @inlinable
    public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds.saturatingSum(b.nanoseconds))
    }

    /// The first without the second.
    @inlinable
    public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: a.nanoseconds.saturatingDifference(b.nanoseconds))
    }

    /// As far back.
    @inlinable
    public static prefix func - (a: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: (0 as Int64).saturatingDifference(a.nanoseconds))
    }

    /// Adds a length of time.
    @inlinable
    public static func += (a: inout TimeSpan, b: TimeSpan) { a = a + b }

    /// So many times the length.
    @inlinable
    public static func * (a: TimeSpan, factor: some BinaryInteger) -> TimeSpan {
        a.multiplied(by: Int64(clamping: factor))
    }

    /// So many times the length.
    @inlinable
    public static func * (factor: some BinaryInteger, a: TimeSpan) -> TimeSpan {
        a.multiplied(by: Int64(clamping: factor))
    }

    /// One of so many equal parts, rounded towards zero; the whole for a divisor of 0.
    @inlinable
    public static func / (a: TimeSpan, divisor: some BinaryInteger) -> TimeSpan {
        let divisor = Int64(clamping: divisor)
        let (quotient, overflow) = a.nanoseconds.dividedReportingOverflow(by: divisor)
        return overflow ? (divisor == 0 ? a : .max) : TimeSpan(nanoseconds: quotient)
    }

    @inlinable
    func multiplied(by factor: Int64) -> TimeSpan {
        let (product, overflow) = nanoseconds.multipliedReportingOverflow(by: factor)
        guard overflow else { return TimeSpan(nanoseconds: product) }
        return (nanoseconds < 0) == (factor < 0) ? .max : .min
    }
}

extension Int64 {
    /// The sum, or the nearest number to it.
    @inlinable @inline(__always)
    func saturatingSum(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest number to it.
    @inlinable @inline(__always)
    func saturatingDifference(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
