public import Wire

/// A signed number of 48 bits, which needs no alignment beyond two bytes. As a time in nanoseconds from the first
/// segment of a connection it reaches 39 hours either way.
@frozen
@usableFromInline
struct ShortNumber: Sendable {
    @usableFromInline var low: UInt16
    @usableFromInline var middle: UInt16
    @usableFromInline var high: Int16

    /// The numbers that fit, but for the smallest, which stands for none.
    @inlinable static var range: ClosedRange<Int64> { -(1 << 47 - 1)...1 << 47 - 1 }
    /// None.
    @inlinable static var none: ShortNumber { ShortNumber(truncating: -(1 << 47)) }

    /// The low 48 bits of a number.
    @inlinable @inline(__always)
    init(truncating number: Int64) {
        low = UInt16(truncatingIfNeeded: number)
        middle = UInt16(truncatingIfNeeded: number >> 16)
        high = Int16(truncatingIfNeeded: number >> 32)
    }

    /// A number; nil if it does not fit.
    @inlinable
    init?(_ number: Int64) {
        guard ShortNumber.range.contains(number) else { return nil }
        self.init(truncating: number)
    }

    /// A number that cannot be negative; nil if it does not fit.
    @inlinable
    init?(_ number: UInt64) { self.init(Int64(clamping: number)) }

    /// A time, counted from another one; nil if that is too far away. A time of 0 says that something never was.
    @inlinable
    init?(_ time: Timestamp, from base: Timestamp) {
        if let number = ShortNumber((time - base).nanoseconds) {
            self = number
        } else {
            guard time.nanoseconds == 0 else { return nil }
            self = .none
        }
    }

    /// The number.
    @inlinable @inline(__always)
    var value: Int64 { Int64(high) << 32 | Int64(middle) << 16 | Int64(low) }

    /// The time, counted from where this one is counted from; far before it if it never was.
    @inlinable @inline(__always)
    var time: Timestamp { Timestamp(nanoseconds: value) }

    /// The time itself.
    @inlinable
    func time(from base: Timestamp) -> Timestamp {
        value == ShortNumber.none.value
            ? Timestamp(nanoseconds: 0) : base + TimeSpan(nanoseconds: value)
    }
}
