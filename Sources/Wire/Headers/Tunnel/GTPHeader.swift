/// A GTP-U header, version 1, with its extension headers. 3GPP TS 29.281, section 5.1.
public struct GTPHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>
    /// Length in bytes, extension headers included.
    public let length: Int

    /// Proves version and protocol type and that all extension headers are present.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.gtp, need: 8, have: bytes.count) }
        guard bytes[0] & 0xf0 == 0x30 else { throw .malformed(.gtp) }
        self.bytes = bytes
        // Any of the three flags brings the four bytes of all three fields.
        var length = bytes[0] & 7 == 0 ? 8 : 12
        guard bytes.count >= length else { throw .short(.gtp, need: length, have: bytes.count) }
        var next: UInt8 = bytes[0] & 4 == 0 ? 0 : bytes[11]
        while next != 0 {
            guard bytes.count > length else {
                throw .short(.gtp, need: length + 1, have: bytes.count)
            }
            let extensionLength = Int(bytes[length]) * 4
            guard extensionLength > 0 else { throw .malformed(.gtp) }
            length += extensionLength
            guard bytes.count >= length else { throw .short(.gtp, need: length, have: bytes.count) }
            next = bytes[length - 1]
        }
        self.length = length
    }

    /// The message type: 255 carries a user's packet.
    @inlinable public var messageType: UInt8 { bytes[1] }
    /// The receiver's tunnel identifier, so another one in each direction.
    @inlinable public var tunnelIdentifier: UInt32 { bytes.uint32(at: 4) }
}
