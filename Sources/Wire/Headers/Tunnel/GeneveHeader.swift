/// A Geneve header. RFC 8926, section 3.4.
public struct GeneveHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves version 0 and that the header with its options is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.geneve, need: 8, have: bytes.count) }
        guard bytes[0] >> 6 == 0 else { throw .malformed(.geneve) }
        self.bytes = bytes
        guard bytes.count >= length else { throw .short(.geneve, need: length, have: bytes.count) }
    }

    /// Length in bytes, options included: 8 to 260.
    @inlinable public var length: Int { 8 + Int(bytes[0] & 0x3f) * 4 }
    /// Type of what follows.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 2)) }
    /// The network identifier, 24 bits.
    @inlinable public var networkIdentifier: UInt32 { bytes.uint32(at: 4) >> 8 }
}
