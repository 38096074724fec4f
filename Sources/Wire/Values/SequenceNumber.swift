/// A TCP sequence number: 32 bits, compared modulo 2^32. RFC 9293, section 3.4.
///
/// Comparison is meaningful for numbers less than 2^31 apart, which the window guarantees for
/// numbers of one connection that are alive at the same time.
public struct SequenceNumber: RawRepresentable, Hashable, Sendable {
    /// The 32 bits as they stand in the header, in host byte order.
    public var rawValue: UInt32

    /// Wraps the 32 bits of a header field.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Wraps the 32 bits of a header field.
    @inlinable
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// How far `self` lies after `other`, modulo 2^32: negative when it lies before.
    @inlinable
    public func distance(from other: SequenceNumber) -> Int32 {
        Int32(bitPattern: rawValue &- other.rawValue)
    }

    /// Whether `self` lies in the half-open range that starts at `start` and is `length` long.
    @inlinable
    public func isWithin(_ start: SequenceNumber, length: UInt32) -> Bool {
        rawValue &- start.rawValue < length
    }

    /// The number `offset` after `start`, modulo 2^32.
    @inlinable
    public static func + (start: SequenceNumber, offset: UInt32) -> SequenceNumber {
        SequenceNumber(start.rawValue &+ offset)
    }

    /// The number `offset` before `start`, modulo 2^32.
    @inlinable
    public static func - (start: SequenceNumber, offset: UInt32) -> SequenceNumber {
        SequenceNumber(start.rawValue &- offset)
    }

    /// Whether `a` lies before `b`, modulo 2^32.
    @inlinable
    public static func < (a: SequenceNumber, b: SequenceNumber) -> Bool { a.distance(from: b) < 0 }

    /// Whether `a` lies after `b`, modulo 2^32.
    @inlinable
    public static func > (a: SequenceNumber, b: SequenceNumber) -> Bool { b < a }

    /// Whether `a` lies before `b` or equals it, modulo 2^32.
    @inlinable
    public static func <= (a: SequenceNumber, b: SequenceNumber) -> Bool { !(b < a) }

    /// Whether `a` lies after `b` or equals it, modulo 2^32.
    @inlinable
    public static func >= (a: SequenceNumber, b: SequenceNumber) -> Bool { !(a < b) }
}

extension SequenceNumber: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}
