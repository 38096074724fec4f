/// An IPv6 address, or an IPv4 address in its mapped form `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2).
///
/// One 16-byte value for both families keeps the flow key and the table free of cases. Mapped
/// addresses never stand in a genuine IPv6 header, so the two families cannot collide.
public struct Address: Hashable, Sendable {
    /// The first eight bytes, as a big-endian number.
    public let high: UInt64
    /// The last eight bytes, as a big-endian number.
    public let low: UInt64

    /// Makes an address of the two halves of its sixteen bytes, each read as a big-endian number.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes an IPv4 address of its four bytes, read as a big-endian number.
    @inlinable
    public init(ipv4: UInt32) {
        self.init(high: 0, low: 0x0000_ffff_0000_0000 | UInt64(ipv4))
    }

    /// Whether this is an IPv4 address in its mapped form.
    @inlinable
    public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }
}

extension Address: Comparable {
    /// Numerical order of the sixteen bytes.
    @inlinable
    public static func < (a: Address, b: Address) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }
}
