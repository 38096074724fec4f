/// A network service header. RFC 8300, section 2.2.
public struct NSHHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the header with its context is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.networkService, need: 8, have: bytes.count) }
        self.bytes = bytes
        guard length >= 8 else { throw .malformed(.networkService) }
        guard bytes.count >= length else {
            throw .short(.networkService, need: length, have: bytes.count)
        }
    }

    /// Length in bytes: 8 to 252.
    @inlinable public var length: Int { Int(bytes[1] & 0x3f) * 4 }
    /// What follows: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS.
    @inlinable public var nextProtocol: UInt8 { bytes[3] }
}
