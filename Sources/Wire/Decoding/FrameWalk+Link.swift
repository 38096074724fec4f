extension FrameWalk {
    @_lifetime(self: copy self)
    mutating func readLink(_ linkType: LinkType) throws(HeaderError) -> Next {
        switch linkType {
        case .ethernet: return .ethernet
        case .raw, .rawBSD, .rawOpenBSD: return .ip
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .null, .loop:
            let header = try LoopbackHeader(rest)
            let etherType = header.etherType
            drop(LoopbackHeader.length)
            return etherType.map { .etherType($0) } ?? .end(.notIP)
        case .linuxSLL:
            let etherType = try LinuxSLLHeader(rest).etherType
            drop(LinuxSLLHeader.length)
            return .etherType(etherType)
        case .linuxSLL2:
            let etherType = try LinuxSLL2Header(rest).etherType
            drop(LinuxSLL2Header.length)
            return .etherType(etherType)
        default: return .end(.unknownLinkType)
        }
    }

    @_lifetime(self: copy self)
    mutating func readEthernet() throws(HeaderError) -> Next {
        let header = try EthernetHeader(rest)
        let etherType = header.etherType
        let length = header.length8023
        drop(EthernetHeader.length)
        guard let length else { return .etherType(etherType) }
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
        guard let organisation, let type else { return isIP ? .ipv4 : .end(.notIP) }
        switch (organisation, type) {
        // RFC 1042, and the bridge tunnel encapsulation of IEEE 802.1H.
        case (0, _), (0x00_00f8, _): return .etherType(EtherType(rawValue: type))
        // Bridged Ethernet with and without its checksum. RFC 2684, section 5.2.
        case (0x00_80c2, 1), (0x00_80c2, 7): return .ethernet
        default: return .end(.notIP)
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
        // "Cooked" captures name LLC so.
        case EtherType(rawValue: 4): return .llc
        // An IEEE 802.3 length after a VLAN tag.
        case _ where type.rawValue <= 1500 && type.rawValue >= 8:
            limit(to: min(Int(type.rawValue), wire))
            return .llc
        default: return .end(.notIP)
        }
    }
}
