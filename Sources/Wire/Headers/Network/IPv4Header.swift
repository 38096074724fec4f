/// An IPv4 header whose fixed bytes and options are known to be present. RFC 791, section 3.1.
public struct IPv4Header: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves version and lengths; the total length is not judged.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 20 else { throw .short(.ipv4, need: 20, have: bytes.count) }
        let length = Int(bytes[0] & 0xf) * 4
        guard bytes[0] >> 4 == 4, length >= 20 else { throw .malformed(.ipv4) }
        guard bytes.count >= length else { throw .short(.ipv4, need: length, have: bytes.count) }
        self.bytes = bytes
    }

    /// Header length in bytes, options included: 20 to 60.
    @inlinable public var length: Int { Int(bytes[0] & 0xf) * 4 }
    /// Length of header and data in bytes; 0 where segmentation offload left it to the hardware.
    @inlinable public var totalLength: Int { Int(bytes.uint16(at: 2)) }
    /// Identification.
    @inlinable public var identification: UInt16 { bytes.uint16(at: 4) }
    /// Whether a router must not fragment the packet.
    @inlinable public var isFragmentationForbidden: Bool { bytes[6] & 0x40 != 0 }
    /// Whether more fragments follow this one.
    @inlinable public var hasMoreFragments: Bool { bytes[6] & 0x20 != 0 }
    /// Where this fragment starts in the whole packet, in bytes.
    @inlinable public var fragmentOffset: Int { Int(bytes.uint16(at: 6) & 0x1fff) * 8 }
    /// Time to live.
    @inlinable public var timeToLive: UInt8 { bytes[8] }
    /// What follows.
    @inlinable public var nextProtocol: IPProtocol { IPProtocol(rawValue: bytes[9]) }
    /// Sender.
    @inlinable public var source: Address { Address(ipv4: bytes.uint32(at: 12)) }
    /// Receiver.
    @inlinable public var destination: Address { Address(ipv4: bytes.uint32(at: 16)) }

    /// What was captured after the header, whatever the total length says.
    @inlinable public var payload: Span<UInt8> {
        @_lifetime(copy self) get { bytes.from(length) }
    }
}
