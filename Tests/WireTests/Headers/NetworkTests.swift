import TestKit
import Testing
import Wire

/// Lengths, fragments and malformed headers of IPv4, and what is no IP.
@Suite struct NetworkTests {
    static let a = Address("10.0.0.1")!
    static let b = Address("10.0.0.2")!
    static let tcp = Sample.builder4.tcp

    @Test func `every field, by hand`() {
        // RFC 791 and RFC 9293, byte by byte.
        let bytes = [UInt8](
            hex: """
                ffffffffffff 020000000001 0800
                45 00 003c abcd 4000 3f 06 0000 c0a80102 08080404
                c001 01bb fffffffe 89abcdef a 1 52 1234 0000 0000
                020405b4 0402 080a 01020304 00000000 01 030309
                """)
        let (outcome, segment) = decode(bytes)
        #expect(outcome == .segment)
        #expect(segment.source == Address("192.168.1.2"))
        #expect(segment.destination == Address("8.8.4.4"))
        #expect(segment.sourcePort == 49153)
        #expect(segment.destinationPort == 443)
        #expect(segment.sequenceNumber == SequenceNumber(0xffff_fffe))
        #expect(segment.acknowledgmentNumber == SequenceNumber(0x89ab_cdef))
        #expect(segment.flags == [.syn, .ack, .ece, .ae])
        #expect(segment.window == 0x1234)
        #expect(segment.payloadLength == 0)
        #expect(segment.packetLength == 60)
        #expect(segment.length == 1)
        #expect(segment.timeToLive == 63)
        #expect(segment.identification == 0xabcd)
        #expect(!segment.isFragment)
        #expect(segment.scope == 0)
        #expect(segment.options.windowScale == 9)
    }

    @Test func `Ethernet padding is no payload`() {
        let frame = PacketBuilder().ethernet
        #expect(frame.count == 54)
        let padded = decode(frame + [0, 0, 0, 0, 0, 0]).segment
        #expect(padded.payloadLength == 0)
        #expect(padded.packetLength == 40)
    }

    @Test(arguments: [60, 100, 9000, 65549, 200_000])
    func `total length 0 leaves it to the wire length`(wireLength: Int) {
        var frame = PacketBuilder().ethernet
        frame.set(bigEndian: 0 as UInt16, at: 16)
        let (outcome, segment) = decode(frame, wireLength: wireLength)
        #expect(outcome == .segment)
        #expect(segment.payloadLength == UInt32(wireLength - 54))
        #expect(segment.packetLength == UInt32(wireLength - 14))
    }

    @Test func `a total length above the wire length is believed`() {
        // Tools that cut frames without keeping the wire length do this.
        let frame = Array(Sample.builder4.ethernet.prefix(66))
        #expect(decode(frame, wireLength: 66).segment.payloadLength == 18)
    }

    @Test(arguments: [1, 19])
    func `a total length below the header is malformed`(length: UInt16) {
        var frame = PacketBuilder().ethernet
        frame.set(bigEndian: length, at: 16)
        #expect(decode(frame).outcome == .setAside(.badIPHeader))
    }

    @Test(arguments: [20, 39])
    func `a total length that leaves no room for TCP is malformed`(length: UInt16) {
        var frame = PacketBuilder().ethernet
        frame.set(bigEndian: length, at: 16)
        #expect(decode(frame).outcome == .setAside(.badTCPHeader))
    }

    @Test(arguments: [0x40, 0x00, 0x60])
    func `a data offset below 5 or beyond the packet is malformed`(byte: UInt8) {
        var frame = PacketBuilder().ethernet + [0, 0, 0, 0, 0, 0]
        frame[46] = byte
        #expect(decode(frame).outcome == .setAside(.badTCPHeader))
    }

    @Test(arguments: [0x44, 0x40, 0x55, 0x65, 0x05])
    func `a wrong version or header length is malformed`(byte: UInt8) {
        var frame = PacketBuilder().ethernet
        frame[14] = byte
        #expect(decode(frame).outcome == .setAside(.badIPHeader))
    }

    @Test func `the first fragment counts, later ones are set aside`() {
        let first = Array(Self.tcp.prefix(40)).inIPv4(
            .tcp, from: Self.a, to: Self.b, fragment: 0x2000)
        let (outcome, segment) = decode(first, .raw)
        #expect(outcome == .segment)
        #expect(segment.isFragment)
        #expect(segment.payloadLength == 8)
        let later = Self.tcp.inIPv4(.tcp, from: Self.a, to: Self.b, fragment: 0x2005)
        #expect(decode(later, .raw).outcome == .setAside(.ipFragment))
        let last = Self.tcp.inIPv4(.tcp, from: Self.a, to: Self.b, fragment: 0x0005)
        #expect(decode(last, .raw).outcome == .setAside(.ipFragment))
        let whole = Self.tcp.inIPv4(.tcp, from: Self.a, to: Self.b, fragment: 0x4000)
        #expect(!decode(whole, .raw).segment.isFragment)
    }

    @Test func `options in the second fragment are unknown`() {
        let first = Array(Self.tcp.prefix(24)).inIPv4(
            .tcp, from: Self.a, to: Self.b, fragment: 0x2000)
        let (outcome, segment) = decode(first, .raw)
        #expect(outcome == .segment)
        #expect(segment.options.present == .incomplete)
        #expect(segment.payloadLength == 0)
    }

    @Test func `a first fragment without room for TCP is malformed`() {
        let first = Array(Self.tcp.prefix(16)).inIPv4(
            .tcp, from: Self.a, to: Self.b, fragment: 0x2000)
        #expect(decode(first, .raw).outcome == .setAside(.badTCPHeader))
    }

    @Test(arguments: [
        (IPProtocol.udp, SetAside.notTCP), (IPProtocol(rawValue: 132), .notTCP),
        (.hopByHop, .notTCP), (.fragment, .notTCP), (.icmpv6, .notTCP), (.icmp, .icmp),
        (.esp, .encrypted),
    ])
    func `other protocols in IPv4 are set aside by name`(number: IPProtocol, reason: SetAside) {
        let packet = Self.tcp.inIPv4(number, from: Self.a, to: Self.b)
        #expect(decode(packet, .raw).outcome == .setAside(reason))
    }

    @Test(arguments: [0x0806, 0x88cc, 0x0000, 0x0842, 0x05ff, 0x8863])
    func `other Ethernet types are no IP`(type: UInt16) {
        let frame = [UInt8](repeating: 0, count: 46).inEthernet(EtherType(rawValue: type))
        #expect(decode(frame).outcome == .setAside(.notIP))
    }

    @Test func `a frame is cut only if the wire had more`() {
        let frame = Sample.builder4.ethernet
        for (length, cut, bad) in [
            (10, SetAside.linkHeaderCut, SetAside.badLinkHeader), (30, .ipHeaderCut, .badIPHeader),
        ] {
            let bytes = Array(frame.prefix(length))
            #expect(decode(bytes, wireLength: frame.count).outcome == .setAside(cut))
            #expect(decode(bytes, wireLength: length).outcome == .setAside(bad))
        }
        // From the IP header on, its length tells; ports, numbers and flags are enough.
        let bytes = Array(frame.prefix(47))
        #expect(decode(bytes, wireLength: 47).outcome == .setAside(.tcpHeaderCut))
    }

    @Test func `a snapshot of 68 bytes holds what matters of an IPv6 segment`() {
        let whole = decode(Sample.builder6.ethernet)
        let frame = Array(Sample.builder6.ethernet.prefix(68))
        let (outcome, segment) = decode(frame, wireLength: Sample.builder6.ethernet.count)
        #expect(outcome == .segment)
        #expect(segment.destinationPort == whole.segment.destinationPort)
        #expect(segment.sequenceNumber == whole.segment.sequenceNumber)
        #expect(segment.acknowledgmentNumber == whole.segment.acknowledgmentNumber)
        #expect(segment.flags == whole.segment.flags)
        #expect(segment.payloadLength == whole.segment.payloadLength)
        #expect(segment.window == .max)
        #expect(segment.options.present == .incomplete)
    }

    @Test func `spanning tree, NetWare and Cisco's own protocols are no IP`() {
        let rows: [[UInt8]] = [
            [0x42, 0x42, 3], [0xff, 0xff, 0], [0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0],
        ]
        for llc in rows {
            let frame = (llc + [UInt8](repeating: 0, count: 35)).inEthernet(EtherType(rawValue: 38))
            #expect(decode(frame).outcome == .setAside(.notIP))
        }
    }
}
