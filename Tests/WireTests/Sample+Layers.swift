import TestKit
import Wire

extension Sample {
    /// Every link type and everything that may stand between it and IP.
    static let links: [Sample] = {
        let ip = builder4.ip
        let ip6 = builder6.ip
        let frame = builder4.ethernet
        let sll = ip.inLinuxSLL(.ipv4)
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        func row(_ name: String, _ linkType: LinkType, _ bytes: [UInt8]) -> Sample {
            Sample(name: name, linkType: linkType, bytes: bytes)
        }
        func row6(_ name: String, _ linkType: LinkType, _ bytes: [UInt8]) -> Sample {
            Sample(name: name, linkType: linkType, bytes: bytes, isIPv6: true)
        }
        func tagged(_ name: String, _ linkType: LinkType, _ bytes: [UInt8]) -> Sample {
            Sample(name: name, linkType: linkType, bytes: bytes, hasScope: true)
        }
        return [
            row("Ethernet", .ethernet, frame),
            row6("Ethernet with IPv6", .ethernet, builder6.ethernet),
            row("priority tag", .ethernet, ip.afterTag(0xa000, .ipv4).inEthernet(.vlan)),
            tagged("802.1Q", .ethernet, builder4.ethernet(vlans: [42])),
            tagged(
                "802.1ad", .ethernet,
                ip.afterTag(7, .ipv4).afterTag(9, .vlan).inEthernet(.serviceVLAN)),
            tagged(
                "tag 9100", .ethernet, ip.afterTag(7, .ipv4).inEthernet(EtherType(rawValue: 0x9100))
            ),
            tagged(
                "802.3 after a tag", .ethernet,
                ip.inSNAP(.ipv4).afterTag(7, EtherType(rawValue: UInt16(ip.count + 8))).inEthernet(
                    .vlan)),
            row(
                "802.3, LLC, SNAP", .ethernet,
                ip.inSNAP(.ipv4).inEthernet(EtherType(rawValue: UInt16(ip.count + 8)))),
            row(
                "802.3, LLC", .ethernet,
                ([6, 6, 3] + ip).inEthernet(EtherType(rawValue: UInt16(ip.count + 3)))),
            row("MPLS", .ethernet, ip.inMPLS([100, 200, 300]).inEthernet(.mpls)),
            row("MPLS pseudowire", .ethernet, frame.inMPLS([100]).inEthernet(.mpls)),
            row(
                "MPLS pseudowire with control word", .ethernet,
                (zeros(4) + frame).inMPLS([100]).inEthernet(.mpls)),
            row("VN-Tag", .ethernet, ([0, 1, 0, 2, 8, 0] + ip).inEthernet(.virtualInterface)),
            row("NSH", .ethernet, ([0, 2, 2, 1] + zeros(4) + ip).inEthernet(.networkService)),
            row(
                "MAC security without encryption", .ethernet,
                ([0x20] + zeros(13) + [8, 0] + ip).inEthernet(.macSecurity)),
            row("SLL", .linuxSLL, sll),
            row("SLL, LLC", .linuxSLL, ip.inSNAP(.ipv4).inLinuxSLL(.linuxLLC)),
            tagged("SLL with a tag", .linuxSLL, ip.afterTag(7, .ipv4).inLinuxSLL(.vlan)),
            row("SLL2", .linuxSLL2, ip.inLinuxSLL2(.ipv4)),
            row6("SLL2 with IPv6", .linuxSLL2, ip6.inLinuxSLL2(.ipv6)),
            tagged("SLL2 with a tag", .linuxSLL2, ip.afterTag(7, .ipv4).inLinuxSLL2(.vlan)),
            row("NULL, little-endian", .null, [2, 0, 0, 0] + ip),
            row("NULL, big-endian", .null, [0, 0, 0, 2] + ip),
            row6("NULL, Linux IPv6", .null, [10, 0, 0, 0] + ip6),
            row6("NULL, OpenBSD IPv6", .null, [0, 0, 0, 24] + ip6),
            row6("NULL, FreeBSD IPv6", .null, [28, 0, 0, 0] + ip6),
            row6("NULL, macOS IPv6", .null, [30, 0, 0, 0] + ip6),
            row("LOOP", .loop, [0, 0, 0, 2] + ip),
            row6("LOOP with IPv6", .loop, [0, 0, 0, 24] + ip6),
            row("RAW", .raw, ip),
            row6("RAW with IPv6", .raw, ip6),
            row("RAW, number 12", .rawBSD, ip),
            row("RAW, number 14", .rawOpenBSD, ip),
            row("IPV4", .ipv4, ip),
            row6("IPV6", .ipv6, ip6),
            row("PPP", .ppp, [0, 0x21] + ip),
            row("PPP, compressed", .ppp, [0x21] + ip),
            row("PPP in HDLC", .ppp, [0xff, 3, 0, 0x21] + ip),
            row("PPP in HDLC, compressed", .pppHDLC, [0xff, 3, 0x21] + ip),
            row6("PPP with IPv6", .pppHDLC, [0xff, 3, 0, 0x57] + ip6),
            row("PPP with MPLS", .ppp, [0xff, 3, 2, 0x81] + ip.inMPLS([5])),
            row("PPP_HDLC with Cisco's", .pppHDLC, [0x0f, 0, 8, 0] + ip),
            row("PPP with direction", .pppWithDirection, [1, 0xff, 3, 0, 0x21] + ip),
            tagged("PPP_ETHER", .pppEthernet, ip.inPPPoE(0x21, session: 1)),
            row("C_HDLC", .ciscoHDLC, [0x8f, 0, 8, 0] + ip),
            row("MPLS link", .mpls, ip.inMPLS([5])),
            row("Juniper Ethernet", .juniperEthernet, [0x4d, 0x47, 0x43, 1] + frame),
            row(
                "Juniper Ethernet with extensions", .juniperEthernet,
                [0x4d, 0x47, 0x43, 0x81, 0, 3, 1, 1, 0] + frame),
            row(
                "Juniper Ethernet without link header", .juniperEthernet,
                [0x4d, 0x47, 0x43, 2] + zeros(4) + ip),
            row("FDDI", .fddi, [0x50] + zeros(12) + ip.inSNAP(.ipv4)),
            row("InfiniBand", .infiniband, zeros(40) + [8, 0, 0, 0] + ip),
            row("ARCNET, RFC 1051", .arcnet, [1, 2, 240] + ip),
            row("ARCNET, RFC 1201", .arcnet, [1, 2, 212, 0, 0, 7] + ip),
            row("ARCNET, exception", .arcnet, [1, 2, 212, 255, 255, 255, 212, 0, 0, 7] + ip),
            row6("ARCNET with IPv6", .arcnetLinux, [1, 2, 0, 0, 196, 0, 0, 7] + ip6),
            row("ARCNET on Linux", .arcnetLinux, [1, 2, 9, 0, 240] + ip),
            row("frame relay, NLPID", .frameRelay, [0x18, 0x41, 3, 0xcc] + ip),
            row("frame relay, SNAP", .frameRelay, [0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0] + ip),
            row("frame relay, Cisco", .frameRelay, [0x18, 0x41, 8, 0] + ip),
            row("802.11", .ieee80211, ip.inIEEE80211(.ipv4)),
            row(
                "802.11 with quality of service", .ieee80211,
                ip.inIEEE80211(.ipv4, frameControl: 0x8802)),
            row("802.11 with HT control", .ieee80211, ip.inIEEE80211(.ipv4, frameControl: 0x8882)),
            row(
                "802.11 between access points", .ieee80211,
                ip.inIEEE80211(.ipv4, frameControl: 0x8803)),
            row("radiotap", .radiotap, ip.inRadiotap(.ipv4)),
            row("radiotap with check sequence", .radiotap, ip.inRadiotap(.ipv4, flags: 0x10)),
            row(
                "NFLOG", .netfilterLog,
                [2, 0, 0, 0] + [5, 0, 10, 0, 0, 0, 0, 0] + [UInt8(ip.count + 4), 0, 9, 0] + ip),
            row(
                "NFLOG, big-endian", .netfilterLog,
                [2, 0, 0, 0] + [0, 5, 0, 10, 0, 0, 0, 0] + [0, UInt8(ip.count + 4), 0, 9] + ip),
            row("PFLOG", .packetFilterLog, [61, 2] + zeros(62) + ip),
            row("PKTAP", .pktap, [12, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0] + frame),
        ]
    }()

    /// Odd forms of IP itself.
    static let networks: [Sample] = {
        func six(_ name: String, _ extensions: [(IPProtocol, [UInt8])]) -> Sample {
            var builder = builder6
            builder.extensions = extensions
            return Sample(name: name, linkType: .ethernet, bytes: builder.ethernet, isIPv6: true)
        }
        var options = builder4
        options.ipv4Options = [1, 1, 1, 1, 7, 4, 4, 0]
        let tcp = builder4.tcp
        let authentication: [UInt8] = [6, 4, 0, 0] + [UInt8](repeating: 0, count: 20)
        return [
            Sample(name: "IPv4 options", linkType: .ethernet, bytes: options.ethernet),
            Sample(
                name: "IPv4 authentication", linkType: .ethernet,
                bytes: (authentication + tcp).inIPv4(
                    .authentication, from: builder4.source, to: builder4.destination,
                    identification: 0x1234
                ).inEthernet(.ipv4)),
            six("hop-by-hop", [(.hopByHop, [0, 0, 5, 2, 0, 0, 1, 0])]),
            six(
                "routing",
                [(.routing, [0, 2, 4, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16))]),
            six(
                "destination options",
                [(.destinationOptions, [0, 1] + [UInt8](repeating: 0, count: 14))]),
            six("IPv6 authentication", [(.authentication, authentication)]),
            six("atomic fragment", [(.fragment, [0, 0, 0, 0, 1, 2, 3, 4])]),
            six(
                "a chain of extensions",
                [
                    (.hopByHop, [0, 0, 1, 4, 0, 0, 0, 0]),
                    (.destinationOptions, [0, 0, 1, 4, 0, 0, 0, 0]),
                    (.routing, [0, 0, 4, 0, 0, 0, 0, 0]), (.fragment, [0, 0, 0, 0, 1, 2, 3, 4]),
                    (.destinationOptions, [0, 0, 1, 4, 0, 0, 0, 0]),
                ]),
        ]
    }()
}
