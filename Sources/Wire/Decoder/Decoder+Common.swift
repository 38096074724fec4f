extension Decoder {
    /// What the straight-line code made of a frame.
    @usableFromInline
    enum Common {
        case wanted
        case unwanted
        /// Something for the walk.
        case uncommon
    }

    /// Reads an Ethernet frame with at most one VLAN tag, IPv4 without options or fragments or IPv6
    /// without extension headers, and TCP. Leaves anything else, odd or malformed, to the walk: then the
    /// segment is undefined.
    @inlinable @inline(__always)
    static func decodeCommon(
        _ frame: Span<UInt8>, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        guard frame.count >= 54 else { return .uncommon }
        let etherType = frame.uint16(at: 12)
        let outcome: Common
        if etherType == EtherType.ipv4.rawValue {
            segment.scope = 0
            outcome = decodeIPv4(frame.extracting(14...), into: &segment, where: isWanted)
        } else if etherType == EtherType.ipv6.rawValue {
            segment.scope = 0
            outcome = decodeIPv6(frame.extracting(14...), into: &segment, where: isWanted)
        } else {
            guard etherType == EtherType.vlan.rawValue else { return .uncommon }
            var scope = Scope()
            scope.mix(tagControl: frame.uint16(at: 14))
            segment.scope = scope.value
            switch frame.uint16(at: 16) {
            case EtherType.ipv4.rawValue:
                outcome = decodeIPv4(frame.extracting(18...), into: &segment, where: isWanted)
            case EtherType.ipv6.rawValue:
                outcome = decodeIPv6(frame.extracting(18...), into: &segment, where: isWanted)
            default: return .uncommon
            }
        }
        segment.hardwareSource =
            outcome == .wanted && segment.tellsHardware
            ? Segment.hash(hardware: frame.uint64(at: 6) >> 16) : 0
        return outcome
    }

    @inlinable @inline(__always)
    static func decodeIPv4(
        _ packet: Span<UInt8>, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        // Version 4, five words of header; neither a fragment nor the start of one; TCP.
        guard packet.count >= 40, packet[0] == 0x45, packet.uint16(at: 6) & 0x3fff == 0,
            packet[9] == IPProtocol.tcp.rawValue
        else { return .uncommon }
        let totalLength = Int(packet.uint16(at: 2))
        segment.source = Address(ipv4: packet.uint32(at: 12))
        segment.destination = Address(ipv4: packet.uint32(at: 16))
        segment.packetLength = UInt32(truncatingIfNeeded: totalLength)
        segment.timeToLive = packet[8]
        segment.identification = packet.uint16(at: 4)
        segment.isFragment = false
        return decodeTCP(
            packet.extracting(20...), length: totalLength - 20, into: &segment, where: isWanted)
    }

    @inlinable @inline(__always)
    static func decodeIPv6(
        _ packet: Span<UInt8>, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        guard packet.count >= 60, packet[0] >> 4 == 6, packet[6] == IPProtocol.tcp.rawValue
        else { return .uncommon }
        let payloadLength = Int(packet.uint16(at: 4))
        segment.source = Address(high: packet.uint64(at: 8), low: packet.uint64(at: 16))
        segment.destination = Address(high: packet.uint64(at: 24), low: packet.uint64(at: 32))
        segment.packetLength = UInt32(truncatingIfNeeded: payloadLength + 40)
        segment.timeToLive = packet[7]
        segment.identification = 0
        segment.isFragment = false
        return decodeTCP(
            packet.extracting(40...), length: payloadLength, into: &segment, where: isWanted)
    }

    /// Reads a TCP header of which twenty bytes are known to be captured.
    ///
    /// - Parameter length: Bytes of TCP header and payload on the wire, from the IP header.
    @inlinable @inline(__always)
    static func decodeTCP(
        _ bytes: Span<UInt8>, length: Int, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        guard bytes.count >= 20 else { return .uncommon }
        let headerLength = Int(bytes[12] >> 4) * 4
        guard headerLength >= 20, headerLength <= length else { return .uncommon }
        segment.sourcePort = bytes.uint16(at: 0)
        segment.destinationPort = bytes.uint16(at: 2)
        guard isWanted(segment) else { return .unwanted }
        segment.sequenceNumber = SequenceNumber(bytes.uint32(at: 4))
        segment.acknowledgmentNumber = SequenceNumber(bytes.uint32(at: 8))
        segment.flags = TCPFlags(rawValue: bytes.uint16(at: 12) & 0x1ff)
        segment.window = bytes.uint16(at: 14)
        segment.payloadLength = UInt32(truncatingIfNeeded: length - headerLength)
        if headerLength == 20 {
            segment.options.present = []
        } else if headerLength == 32, bytes.count >= 32, bytes.uint32(at: 20) == 0x0101_080a {
            // NOP, NOP, timestamps: the layout RFC 7323, appendix A, recommends.
            segment.options.present = .timestamps
            segment.options.timestampValue = bytes.uint32(at: 24)
            segment.options.timestampEcho = bytes.uint32(at: 28)
        } else {
            let end = min(headerLength, bytes.count)
            segment.options.read(bytes.extracting(20..<end), isCut: end < headerLength)
        }
        return .wanted
    }
}
