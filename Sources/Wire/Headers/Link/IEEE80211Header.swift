/// The MAC header of an IEEE 802.11 data frame. IEEE 802.11, 9.2 and 9.3.2.
public struct IEEE80211Header: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Proves that the whole header, as its own bits describe it, is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 2 else { throw .short(.ieee80211, need: 2, have: bytes.count) }
        self.bytes = bytes
        guard bytes[0] & 3 == 0 else { throw .malformed(.ieee80211) }
        guard !isData || bytes.count >= length else {
            throw .short(.ieee80211, need: length, have: bytes.count)
        }
    }

    /// Whether it is a data frame, not management or control; the other members are valid only then.
    @inlinable public var isData: Bool { bytes[0] >> 2 & 3 == 2 }
    /// Whether the frame carries no data at all: the null subtypes.
    @inlinable public var isEmpty: Bool { bytes[0] & 0x40 != 0 }
    /// Whether the body is encrypted.
    @inlinable public var isProtected: Bool { bytes[1] & 0x40 != 0 }
    /// Whether this is not the first fragment of its frame.
    @inlinable public var isLaterFragment: Bool { bytes[22] & 0xf != 0 }
    /// Whether the body is a list of frames, each with a header of its own (A-MSDU).
    @inlinable public var isAggregate: Bool {
        hasQualityOfService && bytes[addressesEnd] & 0x80 != 0
    }

    @inlinable var hasQualityOfService: Bool { bytes[0] & 0x80 != 0 }
    /// Three addresses, or four between access points.
    @inlinable var addressesEnd: Int { bytes[1] & 3 == 3 ? 30 : 24 }
    /// Length in bytes: 24 to 36.
    @inlinable public var length: Int {
        // The last flag announces HT control, in frames with quality of service only.
        addressesEnd + (hasQualityOfService ? (bytes[1] & 0x80 != 0 ? 6 : 2) : 0)
    }
}
