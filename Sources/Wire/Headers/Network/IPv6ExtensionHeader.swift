/// An IPv6 extension header of the common form: hop-by-hop, routing, destination options, mobility.
/// RFC 8200, sections 4.3 to 4.6; RFC 6564.
public struct IPv6ExtensionHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.ipv6Extension, need: 8, have: bytes.count) }
        let length = (Int(bytes[1]) + 1) * 8
        guard bytes.count >= length else {
            throw .short(.ipv6Extension, need: length, have: bytes.count)
        }
        self.bytes = bytes
    }

    /// What follows.
    @inlinable public var nextProtocol: IPProtocol { IPProtocol(rawValue: bytes[0]) }
    /// Length in bytes: 8 to 2048.
    @inlinable public var length: Int { (Int(bytes[1]) + 1) * 8 }

    /// The jumbo payload length in bytes, counted from the end of the IPv6 header; `nil` without that
    /// option. RFC 2675, section 2.
    public var jumboPayloadLength: Int? {
        var at = 2
        while at + 1 < length {
            switch bytes[at] {
            case 0: at += 1
            case 0xc2:
                guard bytes[at + 1] == 4, at + 6 <= length else { return nil }
                return Int(bytes.uint32(at: at + 2))
            default: at += 2 + Int(bytes[at + 1])
            }
        }
        return nil
    }
}
