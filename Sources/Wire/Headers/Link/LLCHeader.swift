/// An IEEE 802.2 LLC header in unnumbered form, with the SNAP part if it has one. RFC 1042.
public struct LLCHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that LLC, and SNAP where announced, is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 3 else { throw .short(.llc, need: 3, have: bytes.count) }
        self.bytes = bytes
        guard !isSNAP || bytes.count >= 8 else {
            throw .short(.llc, need: 8, have: bytes.count)
        }
    }

    /// Whether the five bytes of SNAP follow.
    @inlinable public var isSNAP: Bool {
        bytes[0] == 0xaa && bytes[1] == 0xaa && bytes[2] == 3
    }
    /// Whether IPv4 follows without SNAP (service access point 6).
    @inlinable public var isIP: Bool { bytes[0] == 6 && bytes[1] == 6 && bytes[2] == 3 }
    /// SNAP's organisation code; `nil` without SNAP.
    @inlinable public var organisation: UInt32? { isSNAP ? bytes.uint32(at: 2) & 0xff_ffff : nil }
    /// SNAP's protocol number under its organisation; `nil` without SNAP.
    @inlinable public var snapProtocol: UInt16? { isSNAP ? bytes.uint16(at: 6) : nil }
    /// Length in bytes: 3, or 8 with SNAP.
    @inlinable public var length: Int { isSNAP ? 8 : 3 }
}
