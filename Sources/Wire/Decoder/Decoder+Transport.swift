extension Decoder {
    /// The captured bytes of a segment, from its TCP header to the end of its payload; none for a frame without TCP.
    ///
    /// Never part of ``decode(_:linkType:wireLength:into:)``.
    ///
    /// - Parameter segment: what the frame was decoded to.
    @_lifetime(copy bytes)
    public func transport(
        of segment: borrowing Segment, in bytes: Span<UInt8>, linkType: LinkType, wireLength: Int
    ) -> Span<UInt8> {
        let length = Int(segment.packetLength)
        if linkType == .ethernet, bytes.count >= 54 {
            let etherType = bytes.uint16(at: 12)
            if etherType == EtherType.ipv4.rawValue, bytes[14] == 0x45,
                bytes[23] == IPProtocol.tcp.rawValue, Int(bytes.uint16(at: 16)) == length
            {
                return bytes.upTo(14 + length).from(34)
            }
            if etherType == EtherType.ipv6.rawValue, bytes[20] == IPProtocol.tcp.rawValue,
                Int(bytes.uint16(at: 18)) + 40 == length
            {
                return bytes.upTo(14 + length).from(54)
            }
        }
        var walk = FrameWalk(bytes, wireLength: wireLength)
        guard case .tcp? = try? walk.run(linkType) else { return bytes.upTo(0) }
        return walk.rest
    }
}
