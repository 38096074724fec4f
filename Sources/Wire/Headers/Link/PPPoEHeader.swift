/// A PPPoE session header; a PPP protocol field follows. RFC 2516, section 4.
public struct PPPoEHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 6 }

    /// Proves version, type and presence of the whole header.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 6 else { throw .short(.pppoe, need: 6, have: bytes.count) }
        guard bytes[0] == 0x11 else { throw .malformed(.pppoe) }
        self.bytes = bytes
    }

    /// 0 in the session stage.
    @inlinable public var code: UInt8 { bytes[1] }
    /// Session identifier, the same in both directions.
    @inlinable public var session: UInt16 { bytes.uint16(at: 2) }
    /// Length of the PPP frame in bytes.
    @inlinable public var payloadLength: Int { Int(bytes.uint16(at: 4)) }
}
