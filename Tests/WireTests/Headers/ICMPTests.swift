import TestKit
import Testing
import Wire

@Suite struct ICMPTests {
    static let router = Address("192.0.2.254")!
    static let router6 = Address("2001:db8::fe")!

    func message(
        _ type: UInt8, _ code: UInt8, quoting quote: some Sequence<UInt8>, field: UInt32 = 0
    ) -> [UInt8] {
        var bytes: [UInt8] = [type, code, 0, 0]
        bytes.append(bigEndian: field)
        return (bytes + quote).inIPv4(.icmp, from: Self.router, to: Sample.builder4.source)
    }

    func message6(
        _ type: UInt8, _ code: UInt8, quoting quote: some Sequence<UInt8>, field: UInt32 = 0
    ) -> [UInt8] {
        var bytes: [UInt8] = [type, code, 0, 0]
        bytes.append(bigEndian: field)
        return (bytes + quote).inIPv6(.icmpv6, from: Self.router6, to: Sample.builder6.source)
    }

    func error(_ packet: [UInt8]) throws -> (ICMPError, Segment) {
        let (outcome, segment) = decode(packet, .raw)
        guard case .icmpError(let error) = outcome else {
            Issue.record("\(outcome)")
            throw HeaderError.malformed(.icmp)
        }
        return (error, segment)
    }

    @Test func `eight quoted bytes give addresses, ports and the sequence number`() throws {
        let (error, segment) = try error(message(3, 3, quoting: Sample.builder4.ip.prefix(28)))
        #expect(error == ICMPError(family: .ipv4, type: 3, code: 3, reporter: Self.router))
        #expect(error.isHardForSynSent)
        #expect(segment.source == Sample.builder4.source)
        #expect(segment.destination == Sample.builder4.destination)
        #expect(segment.sourcePort == 40000 && segment.destinationPort == 80)
        #expect(segment.sequenceNumber == SequenceNumber(0xffff_fff0))
        #expect(segment.flags == [])
        #expect(segment.acknowledgmentNumber == SequenceNumber(0))
        #expect(segment.options.present == .incomplete)
        #expect(segment.identification == 0x1234)
        #expect(segment.scope == 0)
    }

    @Test func `a longer quote gives the rest`() throws {
        let (_, segment) = try error(message(3, 13, quoting: Sample.builder4.ip))
        #expect(segment.flags == [.psh, .ack])
        #expect(segment.acknowledgmentNumber == SequenceNumber(0x0102_0304))
        #expect(segment.window == 64240)
        #expect(segment.payloadLength == 18)
    }

    @Test func `a quote cut anywhere is used from eight bytes on`() {
        let quote = Sample.builder4.ip
        for length in 0...quote.count {
            let outcome = decode(message(3, 1, quoting: quote.prefix(length)), .raw).outcome
            if length < 28 {
                #expect(outcome == .setAside(.icmp))
            } else {
                #expect(outcome != .setAside(.icmp))
            }
        }
    }

    @Test func `fragmentation needed names the size`() throws {
        let (error4, _) = try error(message(3, 4, quoting: Sample.builder4.ip, field: 1400))
        #expect(error4.nextHopMTU == 1400)
        #expect(!error4.isHardForSynSent)
        let (old, _) = try error(message(3, 4, quoting: Sample.builder4.ip))
        #expect(old.nextHopMTU == nil)
        let (error6, _) = try error(message6(2, 0, quoting: Sample.builder6.ip, field: 1280))
        #expect(error6.nextHopMTU == 1280)
        #expect(!error6.isHardForSynSent)
    }

    @Test func `ICMPv6 quotes, with extension headers too`() throws {
        var builder = Sample.builder6
        let (plain, segment) = try error(message6(1, 4, quoting: builder.ip))
        #expect(plain == ICMPError(family: .ipv6, type: 1, code: 4, reporter: Self.router6))
        #expect(plain.isHardForSynSent)
        #expect(segment.source == builder.source)
        #expect(segment.flags == [.psh, .ack])
        builder.extensions = [(.destinationOptions, [0, 0, 1, 4, 0, 0, 0, 0])]
        let (_, behind) = try error(message6(3, 0, quoting: builder.ip))
        #expect(behind.sourcePort == 40000)
    }

    /// Type and code, and whether `connect` failed at once: answers of Linux 6.18 to forged messages.
    @Test(
        arguments: (0...15).map { (3, $0, $0 != 4) } + [
            (3, 16, false), (11, 0, true), (11, 1, false), (12, 0, true), (12, 1, true),
            (12, 9, true),
        ])
    func `what ends SYN-SENT on Linux`(type: UInt8, code: UInt8, isHard: Bool) throws {
        let packet = message(type, code, quoting: Sample.builder4.ip)
        #expect(try error(packet).0.isHardForSynSent == isHard)
    }

    @Test(
        arguments: (0...9).map { (1, $0, true) } + [
            (2, 0, false), (3, 0, true), (3, 1, true), (4, 0, true), (4, 1, true), (4, 2, true),
        ])
    func `what ends SYN-SENT on Linux in IPv6`(type: UInt8, code: UInt8, isHard: Bool) throws {
        let packet = message6(type, code, quoting: Sample.builder6.ip, field: 1280)
        #expect(try error(packet).0.isHardForSynSent == isHard)
    }

    @Test func `other messages and quotes are only counted`() {
        let ip = Sample.builder4.ip
        for type: UInt8 in [0, 4, 5, 8, 13] {
            #expect(decode(message(type, 0, quoting: ip), .raw).outcome == .setAside(.icmp))
        }
        for type: UInt8 in [128, 129, 134, 135, 136, 100] {
            #expect(
                decode(message6(type, 0, quoting: Sample.builder6.ip), .raw).outcome
                    == .setAside(.icmp))
        }
        let udp = [1, 2, 3, 4].inUDP(from: 1, to: 53).inIPv4(
            .udp, from: Sample.outerA, to: Sample.outerB)
        #expect(decode(message(3, 3, quoting: udp), .raw).outcome == .setAside(.icmp))
        let later = Sample.builder4.tcp.inIPv4(
            .tcp, from: Sample.outerA, to: Sample.outerB, fragment: 5)
        #expect(decode(message(3, 3, quoting: later), .raw).outcome == .setAside(.icmp))
        let nested = message(3, 3, quoting: message(3, 3, quoting: ip))
        #expect(decode(nested, .raw).outcome == .setAside(.icmp))
    }

    @Test func `the quote has the scope of its frame`() {
        let packet = message(3, 3, quoting: Sample.builder4.ip)
        let tagged = packet.afterTag(42, .ipv4).inEthernet(.vlan)
        #expect(
            decode(tagged).segment.scope
                == decode(Sample.builder4.ethernet(vlans: [42])).segment.scope)
    }
}
