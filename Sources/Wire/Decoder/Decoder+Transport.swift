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
        if linkType == .ethernet, let headers = CommonHeaders(bytes), headers.packetLength == length
        {
            return bytes.upTo(headers.network + length).from(headers.transport)
        }
        var parser = FrameParser(bytes, wireLength: wireLength)
        guard case .tcp? = try? parser.run(linkType) else { return bytes.upTo(0) }
        return parser.rest
    }
}
