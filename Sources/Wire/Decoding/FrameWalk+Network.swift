extension FrameWalk {
    /// IPv4 or IPv6, whichever the first four bits name.
    func readIP() throws(HeaderError) -> Next {
        guard rest.count >= 1 else { throw .short(.ipv4, need: 1, have: 0) }
        switch rest[0] >> 4 {
        case 4: return .ipv4
        case 6: return .ipv6
        default: return .end(.notIP)
        }
    }

    @_lifetime(self: copy self)
    mutating func readIPv4() throws(HeaderError) -> Next {
        let header = try IPv4Header(rest)
        let offset = header.fragmentOffset
        let next = header.nextProtocol
        source = header.source
        destination = header.destination
        timeToLive = header.timeToLive
        identification = header.identification
        isFragment = header.hasMoreFragments
        // Segmentation offload leaves 0, for packets of any size or above 65,535 bytes: then the frame tells.
        packetLength = header.totalLength == 0 ? wire : header.totalLength
        guard packetLength >= header.length else { throw .malformed(.ipv4) }
        limit(to: packetLength)
        drop(header.length)
        guard offset == 0 else { return .end(.ipFragment) }
        return .transport(next, isIPv6: false)
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
        drop(IPv6Header.length)
        // A length of 0 stands for a jumbo payload option (RFC 2675) or for segmentation offload.
        if payloadLength != 0 {
            limit(to: payloadLength)
        } else if next == .hopByHop,
            let jumbo = try IPv6ExtensionHeader(rest).jumboPayloadLength
        {
            limit(to: jumbo)
        }
        packetLength = wire + IPv6Header.length
        return .transport(next, isIPv6: true)
    }

    @_lifetime(self: copy self)
    mutating func readTransport(_ number: IPProtocol, isIPv6: Bool) throws(HeaderError) -> Next {
        switch number {
        case .tcp: return .tcp
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .icmp: return isIPv6 ? .end(.notTCP) : .icmp(.ipv4)
        case .icmpv6: return isIPv6 ? .icmp(.ipv6) : .end(.notTCP)
        case .esp: return .end(.encrypted)
        case .authentication:
            let header = try AuthenticationHeader(rest)
            let next = header.nextProtocol
            drop(header.length)
            return .transport(next, isIPv6: isIPv6)
        case .hopByHop, .routing, .destinationOptions, .mobility:
            guard isIPv6 else { return .end(.notTCP) }
            let header = try IPv6ExtensionHeader(rest)
            let next = header.nextProtocol
            drop(header.length)
            return .transport(next, isIPv6: true)
        case .fragment:
            guard isIPv6 else { return .end(.notTCP) }
            let header = try IPv6FragmentHeader(rest)
            let next = header.nextProtocol
            guard header.fragmentOffset == 0 else { return .end(.ipFragment) }
            // RFC 6946: offset 0 and nothing to follow is an atomic fragment, which is a whole packet.
            isFragment = header.hasMoreFragments
            drop(IPv6FragmentHeader.length)
            return .transport(next, isIPv6: true)
        default: return .end(.notTCP)
        }
    }
}
