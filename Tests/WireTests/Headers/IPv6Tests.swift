import TestKit
import Testing
import Wire

/// Lengths, fragments and extension headers of IPv6.
@Suite struct IPv6Tests {
    @Test func `IPv6 fragments`() {
        var builder = Sample.builder6
        builder.extensions = [(.fragment, [0, 0, 0, 1, 1, 2, 3, 4])]
        #expect(decode(builder.ip, .raw).outcome == .segment)
        #expect(decode(builder.ip, .raw).segment.isFragment)
        builder.extensions = [(.fragment, [0, 0, 0, 9, 1, 2, 3, 4])]
        #expect(decode(builder.ip, .raw).outcome == .setAside(.ipFragment))
        builder.extensions = [(.fragment, [0, 0, 0, 8, 1, 2, 3, 4])]
        #expect(decode(builder.ip, .raw).outcome == .setAside(.ipFragment))
    }

    @Test(arguments: [70_000, 200_000])
    func `a jumbogram's option tells its length`(payload: Int) {
        // RFC 2675, section 2; the length counts from the end of the IPv6 header.
        var option: [UInt8] = [0, 0, 0xc2, 4]
        option.append(bigEndian: UInt32(8 + 32 + payload))
        var builder = Sample.builder6
        builder.extensions = [(.hopByHop, option)]
        var packet = builder.ip
        packet.set(bigEndian: 0 as UInt16, at: 4)
        let (outcome, segment) = decode(packet, .raw, wireLength: 48 + 32 + payload)
        #expect(outcome == .segment)
        #expect(segment.payloadLength == UInt32(payload))
        #expect(segment.packetLength == UInt32(48 + 32 + payload))
    }

    @Test func `IPv6 without a length leaves it to the wire length`() {
        var packet = Sample.builder6.ip
        packet.set(bigEndian: 0 as UInt16, at: 4)
        let segment = decode(packet, .raw, wireLength: 100_000).segment
        #expect(segment.payloadLength == 100_000 - 40 - 32)
        #expect(segment.packetLength == 100_000)
    }

    @Test func `ESP is encrypted, no next header is no TCP`() {
        let esp = Sample.builder6.tcp.inIPv6(.esp, from: Sample.outer6A, to: Sample.outer6B)
        #expect(decode(esp, .raw).outcome == .setAside(.encrypted))
        let none = Sample.builder6.tcp.inIPv6(
            IPProtocol(rawValue: 59), from: Sample.outer6A, to: Sample.outer6B)
        #expect(decode(none, .raw).outcome == .setAside(.notTCP))
    }
}
