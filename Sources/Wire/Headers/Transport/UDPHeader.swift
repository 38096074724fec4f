/// A UDP header. RFC 768.
public struct UDPHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 8 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.udp, need: 8, have: bytes.count) }
        self.bytes = bytes
    }

    /// Sender's port.
    @inlinable public var sourcePort: UInt16 { bytes.uint16(at: 0) }
    /// Receiver's port.
    @inlinable public var destinationPort: UInt16 { bytes.uint16(at: 2) }
    /// Length of header and data in bytes.
    @inlinable public var totalLength: Int { Int(bytes.uint16(at: 4)) }
}
