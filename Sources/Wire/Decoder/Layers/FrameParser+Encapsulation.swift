extension FrameParser {
    /// A label stack, and what its bottom is guessed to hold: no field says it (RFC 3032, section 3).
    @_lifetime(self: copy self)
    mutating func readMPLS() throws(HeaderError) -> Next {
        let isBottom = try MPLSLabel(rest).isBottomOfStack
        drop(MPLSLabel.length)
        guard isBottom else { return .mpls }
        guard let first = firstByte else { throw .short(.mpls, need: 1, have: 0) }
        // The first four bits are IP's version, or 0 for a control word and 1 for a channel header
        // (RFC 4385, sections 2 to 4), or the start of a hardware address.
        switch first >> 4 {
        case 4 where !startsEthernet(at: 0): return .ipv4
        case 6 where !startsEthernet(at: 0): return .ipv6
        case 0 where startsEthernet(at: 4):
            drop(4)
            return .ethernet
        case 1 where !startsEthernet(at: 0): return .end(.setAside(.notIP))
        default: return .ethernet
        }
    }

    /// Whether an Ethernet header that announces something to go on with may stand there: what the
    /// capture cut may be anything.
    func startsEthernet(at offset: Int) -> Bool {
        guard rest.count >= offset + EthernetHeader.length else { return rest.count < wire }
        let type = EtherType(rawValue: rest.uint16(at: offset + 12))
        switch type {
        // A TCP port or an IPv6 address could look so too: these want a version to match.
        case .ipv4: return nibble(at: offset + EthernetHeader.length) ?? 4 == 4
        case .ipv6: return nibble(at: offset + EthernetHeader.length) ?? 6 == 6
        default: return type.isVLANTag || type == .arp || type == .mpls
        }
    }

    func nibble(at offset: Int) -> UInt8? { offset < rest.count ? rest[offset] >> 4 : nil }

    /// The rarer headers that an Ethernet type announces.
    @_lifetime(self: copy self)
    mutating func readEncapsulation(_ type: EtherType) throws(HeaderError) -> Next {
        switch type {
        case .backboneService:
            // IEEE 802.1ah: flags, a service identifier of 24 bits, then the customer's frame.
            guard rest.count >= 4 else { throw .short(.backbone, need: 4, have: rest.count) }
            scope.mix(.backbone, rest.uint32(at: 0) & 0xff_ffff)
            drop(4)
            return .ethernet
        case .virtualInterface:
            // IEEE 802.1BR's predecessor: interfaces differ by direction, so they are left out.
            guard rest.count >= 6 else { throw .short(.vlanTag, need: 6, have: rest.count) }
            let inner = EtherType(rawValue: rest.uint16(at: 4))
            drop(6)
            return .etherType(inner)
        case .macSecurity: return try readMACSecurity()
        default: return try readNetworkService()
        }
    }

    /// IEEE 802.1AE: in clear if it only protects integrity.
    @_lifetime(self: copy self)
    mutating func readMACSecurity() throws(HeaderError) -> Next {
        guard rest.count >= 6 else { throw .short(.macSecurity, need: 6, have: rest.count) }
        // The bits E and C: encrypted, changed. The bit SC: eight bytes of channel identifier.
        guard rest[0] & 0x0c == 0 else { return .end(.setAside(.encrypted)) }
        let length = rest[0] & 0x20 != 0 ? 14 : 6
        guard rest.count >= length + 2 else {
            throw .short(.macSecurity, need: length + 2, have: rest.count)
        }
        let inner = EtherType(rawValue: rest.uint16(at: length))
        drop(length + 2)
        return .etherType(inner)
    }

    @_lifetime(self: copy self)
    mutating func readNetworkService() throws(HeaderError) -> Next {
        let header = try NSHHeader(rest)
        let next = header.nextProtocol
        drop(header.length)
        return Self.afterService(next)
    }

    /// What the next-protocol field of NSH (RFC 8300, section 2.2) and of VXLAN-GPE announces.
    static func afterService(_ number: UInt8) -> Next {
        switch number {
        case 1: .ipv4
        case 2: .ipv6
        case 3: .ethernet
        case 4: .etherType(.networkService)
        case 5: .mpls
        default: .end(.setAside(.notIP))
        }
    }
}
