public import Wire

/// The bytes of one layer, wrapped into the next one outside.
extension [UInt8] {
    /// In Ethernet II.
    public func inEthernet(_ type: EtherType) -> [UInt8] {
        var bytes: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
        bytes.append(bigEndian: type.rawValue)
        return bytes + self
    }

    /// After the four bytes of a VLAN tag: control information, then the type of what is wrapped.
    public func afterTag(_ tagControl: UInt16, _ type: EtherType) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: tagControl)
        bytes.append(bigEndian: type.rawValue)
        return bytes + self
    }

    /// In IPv4, with a right header checksum. RFC 791.
    public func inIPv4(
        _ number: IPProtocol, from source: Address, to destination: Address,
        timeToLive: UInt8 = 64, identification: UInt16 = 0, fragment: UInt16 = 0,
        options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(0x45 + options.count / 4), 0]
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: 20 + options.count + count))
        bytes.append(bigEndian: identification)
        bytes.append(bigEndian: fragment)
        bytes += [timeToLive, number.rawValue, 0, 0]
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: source.low))
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: destination.low))
        bytes += options
        var sum = InternetChecksum()
        sum.add(bytes.span)
        bytes.set(bigEndian: sum.field, at: 10)
        return bytes + self
    }

    /// In IPv6. RFC 8200.
    public func inIPv6(
        _ number: IPProtocol, from source: Address, to destination: Address, hopLimit: UInt8 = 64
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x60, 0, 0, 0]
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: count))
        bytes += [number.rawValue, hopLimit]
        for address in [source, destination] {
            bytes.append(bigEndian: address.high)
            bytes.append(bigEndian: address.low)
        }
        return bytes + self
    }

    /// In UDP, without a checksum. RFC 768.
    public func inUDP(from source: UInt16, to destination: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: source)
        bytes.append(bigEndian: destination)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: 8 + count))
        return bytes + [0, 0] + self
    }

    /// In VXLAN, to be wrapped into UDP port 4789. RFC 7348.
    public func inVXLAN(_ identifier: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [8, 0, 0, 0]
        bytes.append(bigEndian: identifier << 8)
        return bytes + self
    }

    /// In Geneve, to be wrapped into UDP port 6081; options are a multiple of four bytes. RFC 8926.
    public func inGeneve(
        _ type: EtherType, _ identifier: UInt32, options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(options.count / 4), 0]
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: identifier << 8)
        return bytes + options + self
    }

    /// In GTP-U, to be wrapped into UDP port 2152. 3GPP TS 29.281.
    public func inGTP(tunnel: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [0x30, 0xff]
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: count))
        bytes.append(bigEndian: tunnel)
        return bytes + self
    }

    /// In GRE version 0, with a key if there is one. RFC 2890.
    public func inGRE(_ type: EtherType, key: UInt32? = nil) -> [UInt8] {
        var bytes: [UInt8] = [key == nil ? 0 : 0x20, 0]
        bytes.append(bigEndian: type.rawValue)
        if let key { bytes.append(bigEndian: key) }
        return bytes + self
    }

    /// Under MPLS labels, the outermost first. RFC 3032.
    public func inMPLS(_ labels: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, label) in labels.enumerated() {
            bytes.append(bigEndian: label << 12 | (index == labels.count - 1 ? 0x100 : 0) | 64)
        }
        return bytes + self
    }

    /// In a PPPoE session, PPP protocol field included. RFC 2516.
    public func inPPPoE(_ number: UInt16, session: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [0x11, 0]
        bytes.append(bigEndian: session)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: count + 2))
        bytes.append(bigEndian: number)
        return bytes + self
    }

    /// After LLC and SNAP. RFC 1042.
    public func inSNAP(_ type: EtherType) -> [UInt8] {
        var bytes: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0]
        bytes.append(bigEndian: type.rawValue)
        return bytes + self
    }

    /// In a Linux "cooked" capture. tcpdump.org, LINKTYPE_LINUX_SLL.
    public func inLinuxSLL(_ type: EtherType) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        bytes.append(bigEndian: type.rawValue)
        return bytes + self
    }

    /// In a Linux "cooked" capture, version 2. tcpdump.org, LINKTYPE_LINUX_SLL2.
    public func inLinuxSLL2(_ type: EtherType, interface: UInt32 = 1) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: type.rawValue)
        bytes += [0, 0]
        bytes.append(bigEndian: interface)
        return bytes + [0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + self
    }

    /// Under radiotap with its flags field, in an 802.11 data frame with LLC and SNAP.
    public func inRadiotap(
        _ type: EtherType, flags: UInt8 = 0, frameControl: UInt16 = 0x0801
    ) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 9, 0, 2, 0, 0, 0, flags]
        bytes += inIEEE80211(type, frameControl: frameControl)
        return flags & 0x10 == 0 ? bytes : bytes + [0xde, 0xad, 0xbe, 0xef]
    }

    /// In an 802.11 data frame with LLC and SNAP; `frameControl` as it stands in the frame, 0x0801 for
    /// a data frame to an access point.
    public func inIEEE80211(_ type: EtherType, frameControl: UInt16 = 0x0801) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: frameControl)
        bytes += [UInt8](repeating: 0, count: 22)
        if frameControl & 3 == 3 { bytes += [UInt8](repeating: 0, count: 6) }
        if frameControl & 0x8000 != 0 {
            bytes += [UInt8](repeating: 0, count: frameControl & 0x80 == 0 ? 2 : 6)
        }
        return bytes + inSNAP(type)
    }
}
