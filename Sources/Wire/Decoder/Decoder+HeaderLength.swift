extension Decoder {
    /// How many bytes of a frame have to be kept so that it decodes as before: those of its headers, and the text of a
    /// RST. All of them where that cannot be told.
    ///
    /// - Parameters:
    ///   - outcome: what the whole frame turned out to be.
    ///   - segment: what it was decoded into.
    @inlinable @inline(__always)
    public func headerLength(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, outcome: Outcome,
        segment: borrowing @_addressable Segment
    ) -> Int {
        let isReset = segment.flags.contains(.rst)
        let text = isReset && outcome == .segment ? Decoder.resetTextLimit : 0
        if linkType == .ethernet, let length = Self.commonHeaderLength(bytes) {
            return min(bytes.count, length + text)
        }
        return headerLength(
            ofUncommon: bytes, linkType: linkType, wireLength: wireLength, outcome: outcome,
            segment: segment, text: text)
    }

    /// The same for a frame with other headers than ``CommonHeaders``.
    @usableFromInline
    func headerLength(
        ofUncommon bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, outcome: Outcome,
        segment: borrowing @_addressable Segment, text: Int
    ) -> Int {
        for length in Decoder.triedLengths where length + text < bytes.count {
            var again = Segment()
            let short = decode(
                bytes.extracting(..<(length + text)), linkType: linkType, wireLength: wireLength,
                into: &again)
            if short == outcome, again == segment { return length + text }
        }
        return bytes.count
    }

    /// The most bytes of a RST's text that are kept: RFC 9293, section 3.5.2, lets it say why.
    @usableFromInline static let resetTextLimit = 128
    /// Of frames with other headers, these lengths are tried.
    private static let triedLengths = [96, 160, 256]

    /// The length of the headers where they are ``CommonHeaders``; nil for other ones.
    @inlinable @inline(__always)
    static func commonHeaderLength(_ bytes: Span<UInt8>) -> Int? {
        guard let headers = CommonHeaders(bytes) else { return nil }
        let length = Int(bytes[headers.transport + 12] >> 4) * 4
        return length >= 20 ? headers.transport + length : nil
    }
}

/// Where the headers begin in a frame with Ethernet, perhaps a VLAN, IP without options or extensions, and a whole TCP
/// header: nearly every frame.
@usableFromInline
struct CommonHeaders {
    /// The IP header's place.
    @usableFromInline let network: Int
    /// The TCP header's place.
    @usableFromInline let transport: Int
    /// Bytes of the packet as its IP header tells.
    @usableFromInline let packetLength: Int

    @inlinable @inline(__always)
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= 54 else { return nil }
        let start = bytes.uint16(at: 12) == EtherType.vlan.rawValue ? 18 : 14
        let size: Int
        switch bytes.uint16(at: start - 2) {
        case EtherType.ipv4.rawValue
        where bytes[start] == 0x45
            && bytes.uint16(at: start + 6) & 0x3fff == 0
            && bytes[start + 9] == IPProtocol.tcp.rawValue:
            size = 20
            packetLength = Int(bytes.uint16(at: start + 2))
        case EtherType.ipv6.rawValue
        where bytes[start] >> 4 == 6
            && bytes[start + 6] == IPProtocol.tcp.rawValue:
            size = 40
            packetLength = Int(bytes.uint16(at: start + 4)) + 40
        default: return nil
        }
        network = start
        transport = start + size
        guard bytes.count >= transport + 20 else { return nil }
    }
}
