/// Headers that never were on a wire: the capturing host made them.
extension FrameParser {
    /// NFLOG: four bytes, then attributes in the byte order of the capturing host; number 9 is the packet.
    @_lifetime(self: copy self)
    mutating func readNetfilterLog() throws(HeaderError) -> Next {
        guard rest.count >= 4 else { throw .short(.netfilterLog, need: 4, have: rest.count) }
        drop(4)
        for _ in 0..<64 {
            guard rest.count >= 4 else { throw .short(.netfilterLog, need: 4, have: rest.count) }
            var length = Int(rest.uint16(at: 0).byteSwapped)
            var type = rest.uint16(at: 2).byteSwapped
            // Numbers of attributes are small, which shows the byte order.
            if type & 0x7fff > 0xff {
                length = Int(rest.uint16(at: 0))
                type = rest.uint16(at: 2)
            }
            guard length >= 4 else { throw .malformed(.netfilterLog) }
            if type == 9 {
                limit(to: length)
                drop(4)
                return .ip
            }
            drop((length + 3) / 4 * 4)
        }
        throw .malformed(.netfilterLog)
    }

    /// PFLOG: the length of the header, padded to four bytes, then an AF_ number.
    @_lifetime(self: copy self)
    mutating func readPacketFilterLog() throws(HeaderError) -> Next {
        guard rest.count >= 2 else { throw .short(.packetFilterLog, need: 2, have: rest.count) }
        let length = (Int(rest[0]) + 3) / 4 * 4
        guard length >= 4 else { throw .malformed(.packetFilterLog) }
        guard rest.count >= length else {
            throw .short(.packetFilterLog, need: length, have: rest.count)
        }
        drop(length)
        return .ip
    }

    /// PKTAP, as macOS writes it: length, kind of record and the link type of what follows, all
    /// little-endian.
    @_lifetime(self: copy self)
    mutating func readPktap() throws(HeaderError) -> Next {
        guard rest.count >= 12 else { throw .short(.pktap, need: 12, have: rest.count) }
        let length = Int(rest.uint32(at: 0).byteSwapped)
        let linkType = LinkType(rawValue: rest.uint32(at: 8).byteSwapped)
        guard length >= 12 else { throw .malformed(.pktap) }
        guard rest.count >= length else {
            throw .short(.pktap, need: length, have: rest.count)
        }
        drop(length)
        return .link(linkType)
    }
}
