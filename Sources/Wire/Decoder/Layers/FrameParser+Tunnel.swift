extension FrameParser {
    /// Tunnels directly in IP.
    @_lifetime(self: copy self)
    mutating func readTunnel(_ number: IPProtocol) throws(HeaderError) -> Next {
        switch number {
        case .gre: return .gre
        case .ethernet:
            // RFC 3378: version 3 in four bits, then twelve of zero.
            guard rest.count >= 2 else { throw .short(.ethernet, need: 2, have: rest.count) }
            scope.mix(.ethernetInIP, between: source, and: destination)
            drop(2)
            return .ethernet
        case .mpls:
            scope.mix(.mpls, between: source, and: destination)
            return .mpls
        default:
            scope.mix(.ip, between: source, and: destination)
            return number == .ipv4 ? .ipv4 : .ipv6
        }
    }

    @_lifetime(self: copy self)
    mutating func readGRE() throws(HeaderError) -> Next {
        let header = try GREHeader(rest)
        let type = header.etherType
        let hasData = header.version == 0 || header.hasSequenceNumber
        let isERSPANType1 = type == .erspan && !header.hasSequenceNumber
        let key = header.version == 0 ? header.key : nil
        drop(header.length)
        guard hasData else { return .end(.setAside(.notTCP)) }
        switch type {
        case .erspan: return try readERSPAN(headerLength: isERSPANType1 ? 0 : 8)
        case .erspanType3:
            guard rest.count >= 12 else { throw .short(.erspan, need: 12, have: rest.count) }
            // The bit O announces eight more bytes.
            return try readERSPAN(headerLength: rest[11] & 1 == 0 ? 12 : 20)
        default: break
        }
        scope.mix(.gre, between: source, and: destination)
        if let key { scope.mix(key) }
        guard type != .cacheProtocol else { return try readCacheProtocol() }
        return .etherType(type)
    }

    /// A mirrored frame. Several switches may mirror the two directions of a flow to one collector, so
    /// neither the outer endpoints nor the session keep flows apart.
    @_lifetime(self: copy self)
    mutating func readERSPAN(headerLength: Int) throws(HeaderError) -> Next {
        guard rest.count >= headerLength else {
            throw .short(.erspan, need: headerLength, have: rest.count)
        }
        drop(headerLength)
        return .ethernet
    }

    /// WCCP: version 2 puts four bytes before the redirected IPv4 packet, version 1 none.
    @_lifetime(self: copy self)
    mutating func readCacheProtocol() throws(HeaderError) -> Next {
        if nibble(at: 0) != 4 { drop(4) }
        return .ipv4
    }

    /// Tunnels in UDP, known by their port.
    @_lifetime(self: copy self)
    mutating func readUDP() throws(HeaderError) -> Next {
        let header = try UDPHeader(rest)
        let from = header.sourcePort
        let to = header.destinationPort
        drop(UDPHeader.length)
        switch to {
        case 4789, 4790, 8472: return try readVXLAN()
        case 6081: return try readGeneve()
        case 6635:
            // RFC 7510.
            scope.mix(.mpls, between: source, and: destination)
            return .mpls
        case 2152: return try readGTP()
        case 3544: return try readTeredo()
        default: break
        }
        switch from {
        case 2152: return try readGTP()
        case 3544: return try readTeredo()
        default: return .end(.setAside(.notTCP))
        }
    }

    @_lifetime(self: copy self)
    mutating func readVXLAN() throws(HeaderError) -> Next {
        guard rest.count < 1 || rest[0] & 8 != 0 else { return .end(.setAside(.notTCP)) }
        let header = try VXLANHeader(rest)
        let next = header.nextProtocol
        scope.mix(.vxlan, between: source, and: destination)
        scope.mix(header.networkIdentifier)
        drop(VXLANHeader.length)
        return next.map(Self.afterService) ?? .ethernet
    }

    @_lifetime(self: copy self)
    mutating func readGeneve() throws(HeaderError) -> Next {
        guard rest.count < 1 || rest[0] >> 6 == 0 else { return .end(.setAside(.notTCP)) }
        let header = try GeneveHeader(rest)
        let type = header.etherType
        scope.mix(.geneve, between: source, and: destination)
        scope.mix(header.networkIdentifier)
        drop(header.length)
        return .etherType(type)
    }

    @_lifetime(self: copy self)
    mutating func readGTP() throws(HeaderError) -> Next {
        guard rest.count < 1 || rest[0] & 0xf0 == 0x30 else { return .end(.setAside(.notTCP)) }
        let header = try GTPHeader(rest)
        guard header.messageType == 255 else { return .end(.setAside(.notTCP)) }
        // Tunnel identifiers differ by direction, so only the endpoints count.
        scope.mix(.gtp, between: source, and: destination)
        drop(header.length)
        return .ip
    }

    /// RFC 4380, section 5.1.1: an authentication part and an origin part may stand before the packet.
    /// The relay may differ by direction, and Teredo addresses are unique, so nothing is mixed in.
    @_lifetime(self: copy self)
    mutating func readTeredo() throws(HeaderError) -> Next {
        for _ in 0..<2 where rest.count >= 8 && rest[0] == 0 {
            switch rest[1] {
            case 0: drop(8)
            case 1: drop(13 + Int(rest[2]) + Int(rest[3]))
            default: return .end(.setAside(.notTCP))
            }
        }
        return nibble(at: 0) == 6 ? .ipv6 : .end(.setAside(.notTCP))
    }
}
