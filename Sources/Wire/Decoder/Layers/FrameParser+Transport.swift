extension FrameParser {
    /// Fills the segment from the TCP header at hand and the IP header before it.
    func readTCP(into segment: inout Segment) throws(HeaderError) {
        // Too short by IP's own length is malformed; too short by the snapshot length is cut.
        guard wire >= 20 else { throw .malformed(.tcp) }
        let header = try TCPHeader(rest)
        // Of a tiny first fragment, the options may be in the next one.
        guard header.length <= wire || isFragment else { throw .malformed(.tcp) }
        fillNetwork(into: &segment)
        segment.sourcePort = header.sourcePort
        segment.destinationPort = header.destinationPort
        segment.sequenceNumber = header.sequenceNumber
        segment.acknowledgmentNumber = header.acknowledgmentNumber
        segment.flags = header.flags
        segment.window = header.window
        segment.payloadLength = UInt32(truncatingIfNeeded: max(wire - header.length, 0))
        segment.options.read(header.optionBytes, isCut: header.isCut)
        if segment.showsHardware, let hardware {
            segment.hardwareSource = Segment.hash(hardware: hardware)
        }
    }

    func fillNetwork(into segment: inout Segment) {
        segment.source = source
        segment.destination = destination
        segment.scope = scope.value
        segment.packetLength = UInt32(truncatingIfNeeded: packetLength)
        segment.timeToLive = timeToLive
        segment.identification = identification
        segment.isFragment = isFragment
        segment.hardwareSource = 0
    }
}
