/// The IP authentication header, which leaves what follows in clear. RFC 4302, section 2.
public struct AuthenticationHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 12 else { throw .short(.authentication, need: 12, have: bytes.count) }
        let length = (Int(bytes[1]) + 2) * 4
        guard length >= 12 else { throw .malformed(.authentication) }
        guard bytes.count >= length else {
            throw .short(.authentication, need: length, have: bytes.count)
        }
        self.bytes = bytes
    }

    /// What follows.
    @inlinable public var nextProtocol: IPProtocol { IPProtocol(rawValue: bytes[0]) }
    /// Length in bytes: 12 to 1028.
    @inlinable public var length: Int { (Int(bytes[1]) + 2) * 4 }
}
