extension FrameParser {
    /// Reads an ICMP message at hand; `nil` unless it is an error that quotes a TCP segment, which then is
    /// in `segment` as far as it is quoted.
    ///
    /// RFC 792 quotes eight bytes after the IP header, RFC 1812, section 4.3.2.3, as many as fit.
    func readICMP(_ family: IPFamily, into segment: inout Segment) -> ICMPError? {
        guard let header = try? ICMPHeader(rest), header.isError(family) else { return nil }
        var quote = FrameParser(header.quote, wireLength: max(wire - ICMPHeader.length, 0))
        quote.scope = scope
        // The header of the quoted packet tells its length, the message how much is quoted.
        guard case .tcp? = try? quote.run(family == .ipv4 ? .ipv4 : .ipv6),
            quote.readQuotedTCP(into: &segment)
        else { return nil }
        return ICMPError(
            family: family, type: header.type, code: header.code, reporter: source,
            nextHopMTU: header.nextHopMTU(family))
    }

    /// Fills the segment from a TCP header of which eight bytes or more are quoted.
    func readQuotedTCP(into segment: inout Segment) -> Bool {
        guard rest.count >= 8 else { return false }
        fillNetwork(into: &segment)
        segment.sourcePort = rest.uint16(at: 0)
        segment.destinationPort = rest.uint16(at: 2)
        segment.sequenceNumber = SequenceNumber(rest.uint32(at: 4))
        segment.acknowledgmentNumber = SequenceNumber(rest.count >= 12 ? rest.uint32(at: 8) : 0)
        segment.flags = TCPFlags(rawValue: rest.count >= 14 ? rest.uint16(at: 12) & 0x1ff : 0)
        segment.window = rest.count >= 16 ? rest.uint16(at: 14) : 0
        let headerLength = rest.count >= 13 ? Int(rest[12] >> 4) * 4 : wire
        segment.payloadLength = UInt32(truncatingIfNeeded: max(wire - headerLength, 0))
        segment.options.present = .incomplete
        return true
    }
}
