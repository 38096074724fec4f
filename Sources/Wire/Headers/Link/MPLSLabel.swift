/// One entry of an MPLS label stack. RFC 3032, section 2.1.
public struct MPLSLabel: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the entry in bytes.
    @inlinable public static var length: Int { 4 }

    /// Proves that the whole entry is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.mpls, need: 4, have: bytes.count) }
        self.bytes = bytes
    }

    /// The label, twenty bits.
    @inlinable public var label: UInt32 { bytes.uint32(at: 0) >> 12 }
    /// Whether no entry follows.
    @inlinable public var isBottomOfStack: Bool { bytes[2] & 1 == 1 }
}
