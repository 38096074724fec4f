/// A header of generic routing encapsulation, version 0 (RFC 2784, RFC 2890) or 1 (RFC 2637, section 4.1).
public struct GREHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the header with the fields its flags announce is present. Source routes, which
    /// RFC 2784 removed, count as malformed.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.gre, need: 4, have: bytes.count) }
        self.bytes = bytes
        guard version <= 1, bytes[0] & 0x40 == 0 else { throw .malformed(.gre) }
        guard bytes.count >= length else { throw .short(.gre, need: length, have: bytes.count) }
    }

    /// 0, or 1 for PPTP.
    @inlinable public var version: UInt8 { bytes[1] & 7 }
    /// Type of what follows; version 1 always has PPP.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 2)) }
    /// Whether a sequence number is present; without it, version 1 carries no data.
    @inlinable public var hasSequenceNumber: Bool { bytes[0] & 0x10 != 0 }
    @inlinable var hasChecksum: Bool { bytes[0] & 0x80 != 0 }
    @inlinable var hasKey: Bool { bytes[0] & 0x20 != 0 }
    @inlinable var hasAcknowledgment: Bool { version == 1 && bytes[1] & 0x80 != 0 }

    /// The key; `nil` without one. In version 1 it holds a call identifier, which differs by direction.
    @inlinable public var key: UInt32? {
        hasKey ? bytes.uint32(at: hasChecksum ? 8 : 4) : nil
    }
    /// Length in bytes: 4 to 20.
    @inlinable public var length: Int {
        4 + (hasChecksum ? 4 : 0) + (hasKey ? 4 : 0) + (hasSequenceNumber ? 4 : 0)
            + (hasAcknowledgment ? 4 : 0)
    }
}
