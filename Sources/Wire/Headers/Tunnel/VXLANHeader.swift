/// A VXLAN header; an Ethernet frame follows, unless the generic form names something else. RFC 7348,
/// section 5; draft-ietf-nvo3-vxlan-gpe, section 3.
public struct VXLANHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 8 }

    /// Proves that the whole header is present and its identifier valid.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.vxlan, need: 8, have: bytes.count) }
        guard bytes[0] & 8 != 0 else { throw .malformed(.vxlan) }
        self.bytes = bytes
    }

    /// What follows, numbered as in NSH; `nil` without the bit P, which is plain VXLAN.
    @inlinable public var nextProtocol: UInt8? { bytes[0] & 4 != 0 ? bytes[3] : nil }
    /// The network identifier, 24 bits.
    @inlinable public var networkIdentifier: UInt32 { bytes.uint32(at: 4) >> 8 }
}
