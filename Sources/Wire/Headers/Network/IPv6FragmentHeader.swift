/// The IPv6 fragment header. RFC 8200, section 4.5.
public struct IPv6FragmentHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 8 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.ipv6Extension, need: 8, have: bytes.count) }
        self.bytes = bytes
    }

    /// What follows in the first fragment.
    @inlinable public var nextProtocol: IPProtocol { IPProtocol(rawValue: bytes[0]) }
    /// Where this fragment starts in the fragmentable part, in bytes.
    @inlinable public var fragmentOffset: Int { Int(bytes.uint16(at: 2) & 0xfff8) }
    /// Whether more fragments follow this one.
    @inlinable public var hasMoreFragments: Bool { bytes[3] & 1 != 0 }
    /// Identification.
    @inlinable public var identification: UInt32 { bytes.uint32(at: 4) }
}
