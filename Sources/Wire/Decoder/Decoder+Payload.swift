extension Decoder {
    /// The captured bytes of a segment's payload; none for a frame without TCP, or whose payload was cut off.
    ///
    /// Never part of ``decode(_:linkType:wireLength:into:)``.
    ///
    /// - Parameter segment: what the frame was decoded to.
    @_lifetime(copy bytes)
    public func payload(
        of segment: borrowing Segment, in bytes: Span<UInt8>, linkType: LinkType, wireLength: Int
    ) -> Span<UInt8> {
        let (length, payload) = (Int(segment.packetLength), Int(segment.payloadLength))
        if linkType == .ethernet, bytes.count >= 54 {
            let etherType = bytes.uint16(at: 12)
            let isIPv4 =
                etherType == EtherType.ipv4.rawValue && bytes[14] == 0x45
                && bytes[23] == IPProtocol.tcp.rawValue
                && Int(bytes.uint16(at: 16)) == length
            let isIPv6 =
                etherType == EtherType.ipv6.rawValue && bytes[20] == IPProtocol.tcp.rawValue
                && Int(bytes.uint16(at: 18)) + 40 == length
            if isIPv4 || isIPv6, length >= payload {
                return bytes.upTo(14 + length).from(14 + length - payload)
            }
        }
        var walk = FrameWalk(bytes, wireLength: wireLength)
        guard case .tcp? = try? walk.run(linkType), let header = try? TCPHeader(walk.rest) else {
            return bytes.upTo(0)
        }
        return walk.rest.from(header.length)
    }
}
