extension FrameParser {
    @_lifetime(self: copy self)
    mutating func readLink(_ linkType: LinkType) throws(HeaderError) -> Next {
        switch linkType {
        case .ethernet: return .ethernet
        case .raw, .rawBSD, .rawOpenBSD: return .ip
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .null, .loop:
            let etherType = try LoopbackHeader(rest).etherType
            drop(LoopbackHeader.length)
            return etherType.map { .etherType($0) } ?? .end(.setAside(.notIP))
        case .linuxSLL:
            let header = try LinuxSLLHeader(rest)
            let etherType = header.etherType
            hardware = header.source
            drop(LinuxSLLHeader.length)
            return .etherType(etherType)
        case .linuxSLL2:
            let header = try LinuxSLL2Header(rest)
            let etherType = header.etherType
            hardware = header.source
            drop(LinuxSLL2Header.length)
            return .etherType(etherType)
        case .ppp, .pppHDLC: return try readSerial()
        case .pppWithDirection:
            drop(1)
            return .ppp
        case .pppEthernet: return .pppoe
        case .ciscoHDLC: return try readCiscoHDLC()
        case .mpls: return .mpls
        case .juniperEthernet:
            let header = try JuniperHeader(rest)
            let hasNoLinkHeader = header.hasNoLinkHeader
            drop(header.length + (hasNoLinkHeader ? 4 : 0))
            return hasNoLinkHeader ? .ip : .ethernet
        case .fddi:
            // Frame control and two addresses.
            drop(13)
            return .llc
        case .infiniband:
            // Forty bytes of routing header, then type and two bytes reserved.
            guard rest.count >= 44 else { throw .short(.ethernet, need: 44, have: rest.count) }
            let etherType = EtherType(rawValue: rest.uint16(at: 40))
            drop(44)
            return .etherType(etherType)
        case .arcnet: return try readARCNET(protocolAt: 2)
        case .arcnetLinux: return try readARCNET(protocolAt: 4)
        case .ieee80211: return .ieee80211
        case .radiotap: return try readRadiotap()
        case .frameRelay: return try readFrameRelay()
        case .netfilterLog: return try readNetfilterLog()
        case .packetFilterLog: return try readPacketFilterLog()
        case .pktap: return try readPktap()
        default: return .end(.setAside(.unknownLinkType))
        }
    }

    @_lifetime(self: copy self)
    mutating func readEthernet() throws(HeaderError) -> Next {
        let header = try EthernetHeader(rest)
        let etherType = header.etherType
        let length = header.length8023
        hardware = header.source
        drop(EthernetHeader.length)
        guard let length else { return .etherType(etherType) }
        // Too short for LLC: a test of the link, or nothing at all.
        guard length >= 3 else { return .end(.setAside(.notIP)) }
        limit(to: min(length, wire))
        return .llc
    }

    @_lifetime(self: copy self)
    mutating func readLLC() throws(HeaderError) -> Next {
        let header = try LLCHeader(rest)
        let isIP = header.isIP
        let organisation = header.organisation
        let type = header.snapProtocol
        drop(header.length)
        guard let organisation, let type else { return isIP ? .ipv4 : .end(.setAside(.notIP)) }
        return readSNAP(organisation: organisation, type: type)
    }

    func readSNAP(organisation: UInt32, type: UInt16) -> Next {
        switch (organisation, type) {
        // RFC 1042, and the bridge tunnel encapsulation of IEEE 802.1H.
        case (0, _), (0x00_00f8, _): .etherType(EtherType(rawValue: type))
        // Bridged Ethernet with and without its check sequence. RFC 2684, section 5.2.
        case (0x00_80c2, 1), (0x00_80c2, 7): .ethernet
        default: .end(.setAside(.notIP))
        }
    }

    @_lifetime(self: copy self)
    mutating func readEtherType(_ type: EtherType) throws(HeaderError) -> Next {
        if type.isVLANTag {
            let tag = try VLANTag(rest)
            let inner = tag.etherType
            scope.mix(tagControl: tag.tagControl)
            drop(VLANTag.length)
            return .etherType(inner)
        }
        switch type {
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .pppoeSession: return .pppoe
        case .mpls, .mplsMulticast: return .mpls
        case .transparentBridging: return .ethernet
        case .ppp: return .ppp
        case .backboneService, .virtualInterface, .networkService, .macSecurity:
            return try readEncapsulation(type)
        // "Cooked" captures name LLC so.
        case .linuxLLC: return .llc
        default: break
        }
        // After a VLAN tag, this can be a length as in IEEE 802.3 frames, which holds LLC at least.
        guard type.rawValue <= 1500, type.rawValue >= 8 else { return .end(.setAside(.notIP)) }
        limit(to: min(Int(type.rawValue), wire))
        return .llc
    }
}
