import TestKit
import Testing
import Wire

/// What link layers carry besides plain IP.
@Suite struct LinkTests {
    let ip = Sample.builder4.ip

    @Test(arguments: [
        LinkType(rawValue: 147), LinkType(rawValue: 195), LinkType(rawValue: .max),
        LinkType(rawValue: 8),
    ])
    func `unknown link types are named`(linkType: LinkType) {
        #expect(decode(ip, linkType).outcome == .setAside(.unknownLinkType))
        #expect(decode([], linkType).outcome == .setAside(.unknownLinkType))
    }

    @Test(arguments: HostileInputTests.linkTypes)
    func `an empty frame is cut`(linkType: LinkType) {
        let reason: SetAside =
            [.raw, .rawBSD, .rawOpenBSD, .ipv4, .ipv6].contains(linkType)
            ? .ipHeaderCut : .linkHeaderCut
        #expect(decode([], linkType, wireLength: 100).outcome == .setAside(reason))
    }

    @Test func `other address families of loopback are no IP`() {
        #expect(decode([7, 0, 0, 0] + ip, .null).outcome == .setAside(.notIP))
        #expect(decode([0, 0, 0, 7] + ip, .loop).outcome == .setAside(.notIP))
    }

    @Test func `raw packets of another version are no IP`() {
        #expect(decode([0x50] + ip.dropFirst(), .raw).outcome == .setAside(.notIP))
    }

    @Test func `protected 802.11 frames are encrypted`() {
        let frame = ip.inIEEE80211(.ipv4, frameControl: 0x0841)
        #expect(decode(frame, .ieee80211).outcome == .setAside(.encrypted))
    }

    @Test(arguments: [0x8000, 0x4000, 0xb400, 0x4801, 0xc801])
    func `management, control and empty 802.11 frames are no IP`(frameControl: UInt16) {
        let frame = ip.inIEEE80211(.ipv4, frameControl: frameControl)
        #expect(decode(frame, .ieee80211).outcome == .setAside(.notIP))
    }

    @Test func `later 802.11 fragments are set aside`() {
        var frame = ip.inIEEE80211(.ipv4)
        frame[22] = 1
        #expect(decode(frame, .ieee80211).outcome == .setAside(.ipFragment))
    }

    @Test func `aggregated 802.11 frames give their first`() {
        // Quality of service with the A-MSDU bit; then destination, source, length.
        var header: [UInt8] = [0x88, 0x01] + [UInt8](repeating: 0, count: 22) + [0x80, 0]
        header += [UInt8](repeating: 0, count: 12)
        header.append(bigEndian: UInt16(ip.count + 8))
        let frame = header + ip.inSNAP(.ipv4)
        #expect(decode(frame, .ieee80211).outcome == .segment)
    }

    @Test func `radiotap fields before the flags are passed over`() {
        let body = ip.inIEEE80211(.ipv4)
        // TSFT, flags; aligned to eight bytes.
        let timer: [UInt8] = [0, 0, 17, 0, 3, 0, 0, 0] + [UInt8](repeating: 9, count: 8)
        #expect(decode(timer + [0] + body, .radiotap).outcome == .segment)
        #expect(decode(timer + [0x40] + body, .radiotap).outcome == .setAside(.badLinkHeader))
        // Two more words of fields that are present.
        let words: [UInt8] =
            [0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0]
            + [UInt8](repeating: 0, count: 8)
        #expect(decode(words + [0x40] + body, .radiotap).outcome == .setAside(.badLinkHeader))
        #expect(decode(words + [0] + body, .radiotap).outcome == .segment)
    }

    @Test func `radiotap's padding of the MAC header is passed over`() {
        var frame: [UInt8] = [0, 0, 9, 0, 2, 0, 0, 0, 0x20]
        let body = ip.inIEEE80211(.ipv4, frameControl: 0x8801)
        frame += body.prefix(26) + [0, 0] + body.dropFirst(26)
        #expect(decode(frame, .radiotap).outcome == .segment)
    }

    @Test func `the check sequence of 802.11 is no payload`() {
        var builder = PacketBuilder()
        builder.payload = [1, 2, 3]
        var packet = builder.ip
        packet.set(bigEndian: 0 as UInt16, at: 2)
        let segment = decode(packet.inRadiotap(.ipv4, flags: 0x10), .radiotap).segment
        #expect(segment.payloadLength == 3)
    }

    @Test func `PPPoE discovery and PPP control are no IP`() {
        let discovery: [UInt8] = [0x11, 0x09, 0, 0, 0, 0]
        #expect(decode(discovery, .pppEthernet).outcome == .setAside(.notIP))
        #expect(decode([0xff, 3, 0xc0, 0x21, 1, 1], .ppp).outcome == .setAside(.notIP))
        #expect(decode([0xff, 3, 0, 0x53, 1, 1], .ppp).outcome == .setAside(.encrypted))
        #expect(
            decode([0x21, 0x09, 0, 0, 0, 0], .pppEthernet).outcome == .setAside(.badLinkHeader))
    }

    @Test func `encrypted MAC security is encrypted`() {
        let frame = ([0x2c] + [UInt8](repeating: 0, count: 60)).inEthernet(.macSecurity)
        #expect(decode(frame).outcome == .setAside(.encrypted))
    }

    @Test func `a pseudowire may start with any hardware address`() {
        for first: UInt8 in [0x00, 0x40, 0x45, 0x60, 0x10, 0xfe] {
            var frame = Sample.builder4.ethernet
            frame[0] = first
            #expect(decode(frame.inMPLS([1]), .mpls).outcome == .segment, "\(first)")
        }
        #expect(decode([0x10, 0, 0, 7] + [0, 0, 0, 0], .mpls).outcome != .segment)
    }

    @Test func `link types are those of the registry`() {
        // tcpdump.org/linktypes.html.
        let numbers: [(LinkType, UInt32)] = [
            (.null, 0), (.ethernet, 1), (.arcnet, 7), (.ppp, 9), (.fddi, 10), (.pppHDLC, 50),
            (.pppEthernet, 51),
            (.raw, 101), (.ciscoHDLC, 104), (.ieee80211, 105), (.frameRelay, 107), (.loop, 108),
            (.linuxSLL, 113), (.packetFilterLog, 117), (.radiotap, 127), (.arcnetLinux, 129),
            (.juniperEthernet, 178),
            (.pppWithDirection, 204),
            (.mpls, 219), (.ipv4, 228), (.ipv6, 229), (.netfilterLog, 239), (.infiniband, 242),
            (.pktap, 258), (.linuxSLL2, 276),
        ]
        for (linkType, number) in numbers { #expect(linkType.rawValue == number) }
    }
}
