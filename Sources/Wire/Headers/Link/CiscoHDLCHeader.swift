/// A Cisco HDLC header: address, control and an Ethernet type. tcpdump.org, LINKTYPE_C_HDLC.
public struct CiscoHDLCHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 4 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.ciscoHDLC, need: 4, have: bytes.count) }
        self.bytes = bytes
    }

    /// 0x0f for unicast, 0x8f for broadcast.
    @inlinable public var address: UInt8 { bytes[0] }
    /// Type of what follows.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 2)) }
}
