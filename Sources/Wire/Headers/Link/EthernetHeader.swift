/// An Ethernet header: destination, source, and a type (Ethernet II) or a length (IEEE 802.3). RFC 894.
public struct EthernetHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 14 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 14 else { throw .short(.ethernet, need: 14, have: bytes.count) }
        self.bytes = bytes
    }

    /// The sender's address, in the low six bytes.
    @inlinable public var source: UInt64 { bytes.uint64(at: 6) >> 16 }

    /// The type field; below 0x0600 it is no type but, up to 1500, a length in bytes.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 12)) }

    /// The length of an IEEE 802.3 frame in bytes, link header not counted; `nil` for Ethernet II.
    @inlinable public var length8023: Int? {
        let value = Int(bytes.uint16(at: 12))
        return value <= 1500 ? value : nil
    }

    /// What was captured after the header.
    @inlinable public var payload: Span<UInt8> {
        @_lifetime(copy self) get { bytes.from(14) }
    }
}
