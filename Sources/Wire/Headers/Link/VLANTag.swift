/// The four bytes after a VLAN type: tag control information, then the type of what follows. IEEE 802.1Q, 9.6.
public struct VLANTag: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the tag in bytes, the type before it not counted.
    @inlinable public static var length: Int { 4 }

    /// Proves that the whole tag is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.vlanTag, need: 4, have: bytes.count) }
        self.bytes = bytes
    }

    /// Priority, drop eligibility and identifier together.
    @inlinable public var tagControl: UInt16 { bytes.uint16(at: 0) }
    /// VLAN identifier, twelve bits; 0 is a mere priority tag.
    @inlinable public var identifier: UInt16 { tagControl & 0xfff }
    /// Type of what follows.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 2)) }
}
