extension FrameParser {
    /// PPP or Cisco HDLC, which share a link type: the first byte tells them apart.
    @_lifetime(self: copy self)
    mutating func readSerial() throws(HeaderError) -> Next {
        guard let first = firstByte else { throw .short(.ppp, need: 1, have: 0) }
        return first == 0x0f || first == 0x8f ? try readCiscoHDLC() : .ppp
    }

    @_lifetime(self: copy self)
    mutating func readCiscoHDLC() throws(HeaderError) -> Next {
        let etherType = try CiscoHDLCHeader(rest).etherType
        drop(CiscoHDLCHeader.length)
        return .etherType(etherType)
    }

    @_lifetime(self: copy self)
    mutating func readPPP() throws(HeaderError) -> Next {
        let header = try PPPHeader(rest)
        let number = header.protocolNumber
        drop(header.length)
        // IANA, "PPP DLL Protocol Numbers".
        switch number {
        case 0x0021: return .ipv4
        case 0x0057: return .ipv6
        case 0x0053: return .end(.setAside(.encrypted))
        case 0x0281, 0x0283: return .mpls
        default: return .end(.setAside(.notIP))
        }
    }

    @_lifetime(self: copy self)
    mutating func readPPPoE() throws(HeaderError) -> Next {
        let header = try PPPoEHeader(rest)
        let isSession = header.code == 0
        let length = header.payloadLength
        scope.mix(.pppoe, UInt32(header.session))
        drop(PPPoEHeader.length)
        guard isSession else { return .end(.setAside(.notIP)) }
        limit(to: min(length, wire))
        return .ppp
    }

    /// Frame relay with a two-byte address: NLPID (RFC 2427), or Cisco's form with an Ethernet type.
    @_lifetime(self: copy self)
    mutating func readFrameRelay() throws(HeaderError) -> Next {
        guard rest.count >= 4 else { throw .short(.frameRelay, need: 4, have: rest.count) }
        guard rest[1] & 1 == 1 else { throw .malformed(.frameRelay) }
        guard rest[2] == 3 else {
            let etherType = EtherType(rawValue: rest.uint16(at: 2))
            drop(4)
            return .etherType(etherType)
        }
        let start = rest[3] == 0 ? 4 : 3
        guard rest.count > start else {
            throw .short(.frameRelay, need: start + 1, have: rest.count)
        }
        switch rest[start] {
        case 0xcc:
            drop(start + 1)
            return .ipv4
        case 0x8e:
            drop(start + 1)
            return .ipv6
        case 0x80:
            guard rest.count >= start + 6 else {
                throw .short(.frameRelay, need: start + 6, have: rest.count)
            }
            let organisation = rest.uint32(at: start) & 0xff_ffff
            let type = rest.uint16(at: start + 4)
            drop(start + 6)
            return readSNAP(organisation: organisation, type: type)
        default: return .end(.setAside(.notIP))
        }
    }

    /// ARCNET: addresses, a protocol number, and but for the oldest protocols a fragment's place.
    @_lifetime(self: copy self)
    mutating func readARCNET(protocolAt offset: Int) throws(HeaderError) -> Next {
        guard rest.count > offset else {
            throw .short(.arcnet, need: offset + 1, have: rest.count)
        }
        let number = rest[offset]
        drop(offset + 1)
        // RFC 1051.
        if number == 240 { return .ipv4 }
        // RFC 1201; 0xff is the flag of an exception packet, which has the true one behind padding.
        guard number == 212 || number == 196 else { return .end(.setAside(.notIP)) }
        if firstByte == 0xff { drop(4) }
        guard rest.count >= 3 else { throw .short(.arcnet, need: 3, have: rest.count) }
        // The first of several fragments has an odd flag, the later ones an even one above 0.
        let flag = rest[0]
        guard flag == 0 || flag & 1 == 1 else { return .end(.setAside(.ipFragment)) }
        drop(3)
        return number == 212 ? .ipv4 : .ipv6
    }

    var firstByte: UInt8? { rest.isEmpty ? nil : rest[0] }
}
