/// The header that Junos puts before the frames that it captures: a magic number, flags, and extensions if a flag
/// says so. tcpdump 4.99, print-juniper.c, juniper_parse_header.
public struct JuniperHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the whole header is present and has its magic number.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.juniper, need: 4, have: bytes.count) }
        guard bytes[0] == 0x4d, bytes[1] == 0x47, bytes[2] == 0x43 else {
            throw .malformed(.juniper)
        }
        self.bytes = bytes
        guard hasExtensions else { return }
        guard bytes.count >= 6 else { throw .short(.juniper, need: 6, have: bytes.count) }
        guard bytes.count >= length else {
            throw .short(.juniper, need: length, have: bytes.count)
        }
    }

    @inlinable var hasExtensions: Bool { bytes[3] & 0x80 != 0 }
    /// Whether no link-layer header follows, but four bytes and an IP packet.
    @inlinable public var hasNoLinkHeader: Bool { bytes[3] & 0x02 != 0 }
    /// Length of the header in bytes, with its extensions.
    @inlinable public var length: Int { hasExtensions ? 6 + Int(bytes.uint16(at: 4)) : 4 }
}
