/// The radiotap header that drivers put before IEEE 802.11 frames. radiotap.org.
public struct RadiotapHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>
    /// Length in bytes, all fields included.
    public let length: Int

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.radiotap, need: 8, have: bytes.count) }
        let length = Int(bytes[2]) | Int(bytes[3]) << 8
        guard bytes[0] == 0, length >= 8 else { throw .malformed(.radiotap) }
        guard bytes.count >= length else {
            throw .short(.radiotap, need: length, have: bytes.count)
        }
        self.bytes = bytes
        self.length = length
    }

    /// The flags field; 0 where the driver gave none.
    public var flags: UInt8 {
        guard bytes[4] & 2 != 0 else { return 0 }
        // One word says which fields are present; its top bit announces another such word.
        var at = 4
        while bytes[at + 3] & 0x80 != 0 {
            at += 4
            guard at + 4 <= length else { return 0 }
        }
        at += 4
        // Only the timer, eight aligned bytes, can stand before the flags.
        if bytes[4] & 1 != 0 { at = (at + 7) / 8 * 8 + 8 }
        return at < length ? bytes[at] : 0
    }

    /// Whether the frame ends with its four-byte check sequence.
    public var hasCheckSequence: Bool { flags & 0x10 != 0 }
    /// Whether the MAC header is padded to a multiple of four bytes.
    public var hasPadding: Bool { flags & 0x20 != 0 }
    /// Whether the check sequence was wrong.
    public var isDamaged: Bool { flags & 0x40 != 0 }
}
