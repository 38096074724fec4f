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
    ///
    /// The headers are read at their places in the frame, constants once all is inlined: nothing is checked twice.
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
            outcome = decodeIPv4(frame, at: 14, into: &segment, where: isWanted)
        } else if etherType == EtherType.ipv6.rawValue {
            segment.scope = 0
            outcome = decodeIPv6(frame, at: 14, into: &segment, where: isWanted)
        } else {
            guard etherType == EtherType.vlan.rawValue else { return .uncommon }
            var scope = Scope()
            scope.mix(tagControl: frame.uint16(at: 14))
            segment.scope = scope.value
            switch frame.uint16(at: 16) {
            case EtherType.ipv4.rawValue:
                outcome = decodeIPv4(frame, at: 18, into: &segment, where: isWanted)
            case EtherType.ipv6.rawValue:
                outcome = decodeIPv6(frame, at: 18, into: &segment, where: isWanted)
            default: return .uncommon
            }
        }
        segment.hardwareSource =
            outcome == .wanted && segment.showsHardware
            ? Segment.hash(hardware: frame.uint64(at: 6) >> 16) : 0
        return outcome
    }

    @inlinable @inline(__always)
    static func decodeIPv4(
        _ frame: Span<UInt8>, at start: Int, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        // Version 4, five words of header; neither a fragment nor the start of one; TCP.
        guard frame.count >= start &+ 40, frame[start] == 0x45,
            frame.uint16(at: start &+ 6) & 0x3fff == 0,
            frame[start &+ 9] == IPProtocol.tcp.rawValue
        else { return .uncommon }
        let totalLength = Int(frame.uint16(at: start &+ 2))
        segment.source = Address(ipv4: frame.uint32(at: start &+ 12))
        segment.destination = Address(ipv4: frame.uint32(at: start &+ 16))
        segment.packetLength = UInt32(truncatingIfNeeded: totalLength)
        segment.timeToLive = frame[start &+ 8]
        segment.identification = frame.uint16(at: start &+ 4)
        segment.isFragment = false
        return decodeTCP(
            frame, at: start &+ 20, length: totalLength &- 20, into: &segment, where: isWanted)
    }

    @inlinable @inline(__always)
    static func decodeIPv6(
        _ frame: Span<UInt8>, at start: Int, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        guard frame.count >= start &+ 60, frame[start] >> 4 == 6,
            frame[start &+ 6] == IPProtocol.tcp.rawValue
        else { return .uncommon }
        let payloadLength = Int(frame.uint16(at: start &+ 4))
        segment.source = Address(
            high: frame.uint64(at: start &+ 8), low: frame.uint64(at: start &+ 16))
        segment.destination = Address(
            high: frame.uint64(at: start &+ 24), low: frame.uint64(at: start &+ 32))
        segment.packetLength = UInt32(truncatingIfNeeded: payloadLength &+ 40)
        segment.timeToLive = frame[start &+ 7]
        segment.identification = 0
        segment.isFragment = false
        return decodeTCP(
            frame, at: start &+ 40, length: payloadLength, into: &segment, where: isWanted)
    }

    /// Reads a TCP header.
    ///
    /// - Parameters:
    ///   - start: Its place in the frame; twenty bytes of it are known to be captured.
    ///   - length: Bytes of TCP header and payload on the wire, from the IP header.
    @inlinable @inline(__always)
    static func decodeTCP(
        _ frame: Span<UInt8>, at start: Int, length: Int, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Common {
        guard frame.count >= start &+ 20 else { return .uncommon }
        let headerLength = Int(frame[start &+ 12] >> 4) &* 4
        guard headerLength >= 20, headerLength <= length else { return .uncommon }
        segment.sourcePort = frame.uint16(at: start)
        segment.destinationPort = frame.uint16(at: start &+ 2)
        segment.flags = TCPFlags(rawValue: frame.uint16(at: start &+ 12) & 0x1ff)
        guard isWanted(segment) else { return .unwanted }
        segment.sequenceNumber = SequenceNumber(frame.uint32(at: start &+ 4))
        segment.acknowledgmentNumber = SequenceNumber(frame.uint32(at: start &+ 8))
        segment.window = frame.uint16(at: start &+ 14)
        segment.payloadLength = UInt32(truncatingIfNeeded: length &- headerLength)
        if headerLength == 20 {
            segment.options.present = []
        } else if headerLength == 32, frame.count >= start &+ 32,
            frame.uint32(at: start &+ 20) == 0x0101_080a
        {
            // NOP, NOP, timestamps: the layout RFC 7323, appendix A, recommends.
            segment.options.present = .timestamps
            segment.options.timestampValue = frame.uint32(at: start &+ 24)
            segment.options.timestampEcho = frame.uint32(at: start &+ 28)
        } else if headerLength != 40 || frame.count < start &+ 40
            || !segment.options.readUsualSYN(frame, at: start &+ 20)
        {
            let end = min(start &+ headerLength, frame.count)
            segment.options.read(
                frame.extracting(start &+ 20..<end), isCut: end < start &+ headerLength)
        }
        return .wanted
    }
}
