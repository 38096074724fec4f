extension FrameParser {
    /// IPv4 or IPv6, whichever the first four bits name.
    func readIP() throws(HeaderError) -> Next {
        guard let version = nibble(at: 0) else { throw .short(.ipv4, need: 1, have: 0) }
        switch version {
        case 4: return .ipv4
        case 6: return .ipv6
        default: return .end(.setAside(.notIP))
        }
    }

    @_lifetime(self: copy self)
    mutating func readIPv4() throws(HeaderError) -> Next {
        let header = try IPv4Header(rest)
        let isLaterFragment = header.fragmentOffset != 0
        let next = header.nextProtocol
        source = header.source
        destination = header.destination
        timeToLive = header.timeToLive
        identification = header.identification
        isFragment = header.hasMoreFragments
        // Segmentation offload leaves 0, for packets of any size; then the frame tells.
        packetLength = header.totalLength == 0 ? wire : header.totalLength
        guard packetLength >= header.length else { throw .malformed(.ipv4) }
        limit(to: packetLength)
        packet = rest
        drop(header.length)
        guard !isLaterFragment else { return .end(.setAside(.ipFragment)) }
        return .transport(next, .ipv4)
    }

    @_lifetime(self: copy self)
    mutating func readIPv6() throws(HeaderError) -> Next {
        let header = try IPv6Header(rest)
        let next = header.nextProtocol
        let payloadLength = header.payloadLength
        source = header.source
        destination = header.destination
        timeToLive = header.hopLimit
        identification = 0
        isFragment = false
        packetLength = wire
        // A length of 0 stands for a jumbo payload option (RFC 2675) or for segmentation offload.
        if payloadLength != 0 {
            packetLength = payloadLength + IPv6Header.length
        } else if next == .hopByHop,
            let jumbo = try IPv6ExtensionHeader(header.payload).jumboPayloadLength
        {
            packetLength = jumbo + IPv6Header.length
        }
        limit(to: packetLength)
        packet = rest
        drop(IPv6Header.length)
        return .transport(next, .ipv6)
    }

    @_lifetime(self: copy self)
    mutating func readTransport(
        _ number: IPProtocol, in family: IPFamily
    ) throws(HeaderError) -> Next {
        switch number {
        case .tcp: return .end(.tcp)
        case .udp: return .udp
        case .icmp: return .end(family == .ipv4 ? .icmp(.ipv4) : .setAside(.notTCP))
        case .icmpv6: return .end(family == .ipv6 ? .icmp(.ipv6) : .setAside(.notTCP))
        case .esp: return .end(.setAside(.encrypted))
        case .authentication:
            let header = try AuthenticationHeader(rest)
            let next = header.nextProtocol
            drop(header.length)
            return .transport(next, family)
        case .hopByHop, .routing, .destinationOptions, .mobility, .fragment:
            guard family == .ipv6 else { return .end(.setAside(.notTCP)) }
            return try readExtension(number)
        case .ipv4, .ipv6, .gre, .ethernet, .mpls: return try readTunnel(number)
        default: return .end(.setAside(.notTCP))
        }
    }

    @_lifetime(self: copy self)
    mutating func readExtension(_ number: IPProtocol) throws(HeaderError) -> Next {
        guard number == .fragment else {
            let header = try IPv6ExtensionHeader(rest)
            let next = header.nextProtocol
            drop(header.length)
            return .transport(next, .ipv6)
        }
        let header = try IPv6FragmentHeader(rest)
        let next = header.nextProtocol
        guard header.fragmentOffset == 0 else { return .end(.setAside(.ipFragment)) }
        // RFC 6946: offset 0 and nothing to follow is an atomic fragment, which is a whole packet.
        isFragment = header.hasMoreFragments
        drop(IPv6FragmentHeader.length)
        return .transport(next, .ipv6)
    }
}
