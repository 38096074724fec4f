/// A PPP header: address and control where HDLC-like framing has them, then the protocol in two bytes,
/// or in one where it is compressed. RFC 1661, section 2; RFC 1662, section 3.1.
public struct PPPHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>
    /// Length in bytes: 1 to 4.
    public let length: Int

    /// Proves that the header is present, in whichever form its first bytes show.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        // 0xff is no protocol number: it is the address of HDLC framing.
        guard bytes.count >= 2 || bytes.count == 1 && bytes[0] != 0xff else {
            throw .short(.ppp, need: 2, have: bytes.count)
        }
        let start = bytes[0] == 0xff && bytes[1] == 3 ? 2 : 0
        guard bytes.count > start else { throw .short(.ppp, need: start + 1, have: bytes.count) }
        // The low byte of a protocol number is odd, the high byte even (RFC 1661, section 2).
        let length = start + (bytes[start] & 1 == 1 ? 1 : 2)
        guard bytes.count >= length else { throw .short(.ppp, need: length, have: bytes.count) }
        self.bytes = bytes
        self.length = length
    }

    /// The protocol field, widened to two bytes. IANA, "PPP DLL Protocol Numbers".
    @inlinable public var protocolNumber: UInt16 {
        let low = UInt16(bytes[length - 1])
        return length == 2 || length == 4 ? UInt16(bytes[length - 2]) << 8 | low : low
    }
}
