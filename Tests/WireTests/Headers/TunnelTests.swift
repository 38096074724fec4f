import TestKit
import Testing
import Wire

/// Tunnels that lead nowhere, and ports that only look like tunnels.
@Suite struct TunnelTests {
    let ip = Sample.builder4.ip
    let frame = Sample.builder4.ethernet

    func outer(_ bytes: [UInt8], _ number: IPProtocol = .udp) -> [UInt8] {
        bytes.inIPv4(number, from: Sample.outerA, to: Sample.outerB)
    }

    func scope(_ packet: [UInt8]) -> UInt32 { decode(packet, .raw).segment.scope }

    @Test(arguments: [4789, 8472, 4790, 6081, 2152, 3544, 53])
    func `other payloads on the ports of tunnels are no TCP`(port: UInt16) {
        let text = [UInt8]("\u{1}\u{2}some other protocol altogether".utf8)
        let noise: [UInt8] = port == 6081 ? [0xc0] + text : text
        let outcome = decode(outer(noise.inUDP(from: 1, to: port)), .raw).outcome
        #expect(outcome == .setAside(.notTCP))
    }

    @Test func `what a tunnel carries gives the reason`() {
        let arp = [UInt8](repeating: 0, count: 28).inEthernet(.arp)
        let vxlan = outer(arp.inVXLAN(1).inUDP(from: 1, to: 4789))
        #expect(decode(vxlan, .raw).outcome == .setAside(.notIP))
        let udp = outer(outer([1, 2].inUDP(from: 1, to: 53)), .ipv4)
        #expect(decode(udp, .raw).outcome == .setAside(.notTCP))
        let keepalive: [UInt8] = [0, 0, 0, 0]
        #expect(decode(outer(keepalive, .gre), .raw).outcome == .setAside(.notIP))
    }

    @Test func `identifiers keep equal flows apart`() {
        func vxlan(_ identifier: UInt32) -> [UInt8] {
            outer(frame.inVXLAN(identifier).inUDP(from: 1, to: 4789))
        }
        #expect(scope(vxlan(1)) != scope(vxlan(2)))
        #expect(
            scope(outer(ip.inGRE(.ipv4, key: 1), .gre))
                != scope(outer(ip.inGRE(.ipv4, key: 2), .gre)))
        #expect(scope(outer(ip.inGRE(.ipv4), .gre)) != scope(outer(ip, .ipv4)))
    }

    @Test func `outer endpoints keep equal flows apart, source ports do not`() {
        let vxlan = frame.inVXLAN(1)
        let a = outer(vxlan.inUDP(from: 1, to: 4789))
        let b = outer(vxlan.inUDP(from: 2, to: 4789))
        let c = vxlan.inUDP(from: 1, to: 4789).inIPv4(
            .udp, from: Sample.outerA, to: Address("203.0.113.9")!)
        #expect(scope(a) == scope(b))
        #expect(scope(a) != scope(c))
    }

    @Test func `GTP tunnel identifiers do not split a flow`() {
        let a = outer(ip.inGTP(tunnel: 1).inUDP(from: 2152, to: 2152))
        let b = outer(ip.inGTP(tunnel: 2).inUDP(from: 2152, to: 2152))
        #expect(scope(a) == scope(b) && scope(a) != 0)
    }

    @Test func `GTP control and malformed extension headers`() {
        let echo: [UInt8] = [0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(decode(outer(echo.inUDP(from: 2152, to: 2152)), .raw).outcome == .setAside(.notTCP))
        let endless: [UInt8] = [0x34, 0xff, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0x85, 0, 0, 0, 0]
        #expect(
            decode(outer(endless.inUDP(from: 2152, to: 2152)), .raw).outcome
                == .setAside(.badIPHeader))
    }

    @Test func `ERSPAN leads to the mirrored frame, whoever mirrored it`() {
        let type1: [UInt8] = [0, 0, 0x88, 0xbe]
        let type2: [UInt8] = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        let type3: [UInt8] = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 12)
        var type3Long = type3
        type3Long[19] = 1
        type3Long += [UInt8](repeating: 0, count: 8)
        for header in [type1, type2, type3, type3Long] {
            let (outcome, segment) = decode(outer(header + frame, .gre), .raw)
            #expect(outcome == .segment)
            #expect(segment.scope == 0)
        }
    }

    @Test func `GRE with source routes or an unknown version is malformed`() {
        #expect(decode(outer([0x40, 0, 8, 0] + ip, .gre), .raw).outcome == .setAside(.badIPHeader))
        #expect(decode(outer([0, 2, 8, 0] + ip, .gre), .raw).outcome == .setAside(.badIPHeader))
    }

    @Test func `a PPTP acknowledgment carries nothing`() {
        let bytes: [UInt8] = [0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 1, 0, 0, 0, 9]
        #expect(decode(outer(bytes, .gre), .raw).outcome == .setAside(.notTCP))
    }

    @Test func `Teredo with and without its parts`() {
        // RFC 4380, section 5.1.1.
        let ip6 = Sample.builder6.ip
        let origin: [UInt8] = [0, 0, 0x12, 0x34, 1, 2, 3, 4]
        let authentication: [UInt8] = [0, 1, 2, 3, 9, 9, 8, 8, 8] + [UInt8](repeating: 0, count: 9)
        for part in [[], origin, authentication, authentication + origin] {
            let packet = outer((part + ip6).inUDP(from: 3544, to: 50000))
            let (outcome, segment) = decode(packet, .raw)
            #expect(outcome == .segment)
            #expect(segment.source == Sample.builder6.source)
            #expect(segment.scope == 0)
        }
    }

    @Test func `the first fragment of an outer packet still shows the inner segment`() {
        let inner = outer(frame.inVXLAN(1).inUDP(from: 1, to: 4789))
        var first = inner
        first.set(bigEndian: 0x2000 as UInt16, at: 6)
        let (outcome, segment) = decode(first, .raw)
        #expect(outcome == .segment)
        #expect(!segment.isFragment)
        #expect(segment.payloadLength == 18)
    }
}
