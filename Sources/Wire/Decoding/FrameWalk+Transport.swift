extension FrameWalk {
    /// Fills the segment from the TCP header at hand and the IP header before it.
    func readTCP(into segment: inout Segment) throws(HeaderError) {
        guard wire >= 20 else { throw .malformed(.tcp) }
        let header = try TCPHeader(rest)
        guard header.length <= wire else { throw .malformed(.tcp) }
        segment.source = source
        segment.destination = destination
        segment.sourcePort = header.sourcePort
        segment.destinationPort = header.destinationPort
        segment.scope = scope.value
        segment.sequenceNumber = header.sequenceNumber
        segment.acknowledgmentNumber = header.acknowledgmentNumber
        segment.flags = header.flags
        segment.window = header.window
        segment.payloadLength = UInt32(truncatingIfNeeded: wire - header.length)
        segment.packetLength = UInt32(truncatingIfNeeded: packetLength)
        segment.options.read(header.optionBytes, isCut: header.isCut)
        segment.timeToLive = timeToLive
        segment.identification = identification
        segment.isFragment = isFragment
    }

    func readICMP(_ family: ICMPError.Family, into segment: inout Segment) -> Decoder.Outcome {
        .setAside(.icmp)
    }
}
