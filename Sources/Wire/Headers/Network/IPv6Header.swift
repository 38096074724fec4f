/// An IPv6 header whose forty bytes are known to be present. RFC 8200, section 3.
public struct IPv6Header: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 40 }

    /// Proves version and length; the payload length is not judged.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 40 else { throw .short(.ipv6, need: 40, have: bytes.count) }
        guard bytes[0] >> 4 == 6 else { throw .malformed(.ipv6) }
        self.bytes = bytes
    }

    /// Bytes after the header; 0 for jumbograms and where segmentation offload left it open.
    @inlinable public var payloadLength: Int { Int(bytes.uint16(at: 4)) }
    /// What follows.
    @inlinable public var nextProtocol: IPProtocol { IPProtocol(rawValue: bytes[6]) }
    /// Hop limit.
    @inlinable public var hopLimit: UInt8 { bytes[7] }
    /// Sender.
    @inlinable public var source: Address {
        Address(high: bytes.uint64(at: 8), low: bytes.uint64(at: 16))
    }
    /// Receiver.
    @inlinable public var destination: Address {
        Address(high: bytes.uint64(at: 24), low: bytes.uint64(at: 32))
    }

    /// What was captured after the header, whatever the payload length says.
    @inlinable public var payload: Span<UInt8> {
        @_lifetime(copy self) get { bytes.from(40) }
    }
}
