import TestKit
import Testing
import Wire

/// One frame per way through the decoder, all with the same TCP segment inside.
struct Sample: CustomTestStringConvertible {
    let name: String
    let linkType: LinkType
    let bytes: [UInt8]
    /// Whether the innermost packet is IPv6.
    var isIPv6 = false
    /// Whether VLAN tags or tunnels set the flow apart.
    var hasScope = false

    var testDescription: String { name }

    static let outerA = Address("192.0.2.1")!
    static let outerB = Address("198.51.100.7")!
    static let outer6A = Address("2001:db8::a")!
    static let outer6B = Address("2001:db8::b")!

    static var builder4: PacketBuilder {
        var builder = PacketBuilder()
        builder.sequenceNumber = 0xffff_fff0
        builder.acknowledgmentNumber = 0x0102_0304
        builder.flags = [.psh, .ack]
        builder.options = [.noOperation, .noOperation, .timestamps(value: 7, echo: 9)]
        builder.payload = [UInt8]("GET / HTTP/1.0\r\n\r\n".utf8)
        builder.identification = 0x1234
        return builder
    }

    static var builder6: PacketBuilder {
        var builder = builder4
        builder.source = Address("fd00::1")!
        builder.destination = Address("fd00::2")!
        return builder
    }

    /// The sample with both addresses and ports, outside and inside, exchanged.
    static func tunnels(reversed: Bool) -> [Sample] {
        var builder = builder4
        var (a, b) = (outerA, outerB)
        var (a6, b6) = (outer6A, outer6B)
        if reversed {
            swap(&a, &b)
            swap(&a6, &b6)
            swap(&builder.source, &builder.destination)
            swap(&builder.sourcePort, &builder.destinationPort)
        }
        let (ip, frame) = (builder.ip, builder.ethernet)
        func udp(_ bytes: [UInt8], _ port: UInt16) -> [UInt8] {
            bytes.inUDP(from: reversed ? 50001 : 50000, to: port)
        }
        let rows: [(String, IPProtocol, [UInt8])] = [
            ("IPv4 in IP", .ipv4, ip),
            ("GRE", .gre, ip.inGRE(.ipv4)),
            ("GRE with key", .gre, ip.inGRE(.ipv4, key: 77)),
            (
                "GRE with checksum and number", .gre,
                [0x90, 0, 8, 0] + [UInt8](repeating: 0, count: 8) + ip
            ),
            ("Ethernet in GRE", .gre, frame.inGRE(.transparentBridging)),
            (
                "PPTP", .gre,
                [0x30, 1, 0x88, 0x0b, 0, 42, reversed ? 1 : 2, 0, 0, 0, 0, 1, 0xff, 3, 0, 0x21] + ip
            ),
            (
                "PPTP with acknowledgment", .gre,
                [0x30, 0x81, 0x88, 0x0b, 0, 42, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x21] + ip
            ),
            ("WCCP 1", .gre, ip.inGRE(.cacheProtocol)),
            ("WCCP 2", .gre, ([0, 0, 0, 0] + ip).inGRE(.cacheProtocol)),
            ("EtherIP", .ethernet, [0x30, 0] + frame),
            ("MPLS in IP", .mpls, ip.inMPLS([17])),
            ("VXLAN", .udp, udp(frame.inVXLAN(5000), 4789)),
            ("VXLAN on Linux's old port", .udp, udp(frame.inVXLAN(5000), 8472)),
            ("VXLAN-GPE", .udp, udp([0x0c, 0, 0, 1, 0, 0, 9, 0] + ip, 4790)),
            (
                "Geneve", .udp,
                udp(frame.inGeneve(.transparentBridging, 5000, options: [0, 1, 2, 0]), 6081)
            ),
            ("Geneve with IPv4", .udp, udp(ip.inGeneve(.ipv4, 5000), 6081)),
            ("MPLS in UDP", .udp, udp(ip.inMPLS([17]), 6635)),
            ("GTP-U", .udp, ip.inGTP(tunnel: reversed ? 1 : 2).inUDP(from: 2152, to: 2152)),
            (
                "GTP-U with an extension header", .udp,
                ([0x34, 0xff, 0, 78, 0, 0, 0, reversed ? 1 : 2, 0, 0, 0, 0x85, 1, 0, 9, 0] + ip)
                    .inUDP(from: 2152, to: 2152)
            ),
        ]
        return rows.map {
            Sample(
                name: $0.0, linkType: .ethernet,
                bytes: $0.2.inIPv4($0.1, from: a, to: b).inEthernet(.ipv4), hasScope: true)
        } + [
            Sample(
                name: "IPv4 in IPv6", linkType: .ethernet,
                bytes: ip.inIPv6(.ipv4, from: a6, to: b6).inEthernet(.ipv6), hasScope: true),
            Sample(
                name: "GRE in IPv6", linkType: .ethernet,
                bytes: ip.inGRE(.ipv4).inIPv6(.gre, from: a6, to: b6).inEthernet(.ipv6),
                hasScope: true),
            Sample(
                name: "PPPoE", linkType: .ethernet,
                bytes: ip.inPPPoE(0x21, session: 17).inEthernet(.pppoeSession), hasScope: true),
            Sample(
                name: "three tags", linkType: .ethernet,
                bytes: builder.ethernet(vlans: [100, 200, 300]), hasScope: true),
            Sample(
                name: "VXLAN with tags outside and inside", linkType: .ethernet,
                bytes: builder.ethernet(vlans: [3]).inVXLAN(5).inUDP(from: 1, to: 4789)
                    .inIPv4(.udp, from: a, to: b).afterTag(0x2007, .ipv4).inEthernet(.vlan),
                hasScope: true),
            Sample(
                name: "PBB", linkType: .ethernet,
                bytes: ([0x20, 0, 1, 2] + frame).inEthernet(.backboneService), hasScope: true),
        ]
    }

    static let all: [Sample] = links + networks + tunnels(reversed: false)
}
