import TestKit
import Testing
import Wire

/// The views themselves: what they read and what they refuse.
@Suite struct HeaderTests {
    @Test func `TCP`() throws {
        let bytes = [UInt8](
            hex: "0050 c001 00000001 00000002 81ff 1000 abcd 0007 0101080a 00000003")
        let header = try TCPHeader(bytes.span)
        #expect(header.sourcePort == 80)
        #expect(header.destinationPort == 49153)
        #expect(header.sequenceNumber == SequenceNumber(1))
        #expect(header.acknowledgmentNumber == SequenceNumber(2))
        #expect(header.length == 32)
        #expect(header.flags == TCPFlags(rawValue: 0x1ff))
        #expect(header.window == 4096)
        #expect(header.checksum == 0xabcd)
        #expect(header.urgentPointer == 7)
        #expect(header.isCut == true)
        #expect(header.optionBytes.count == 8)
    }

    @Test func `flags print in one order`() {
        #expect(TCPFlags([.ack, .syn]).description == "SYN,ACK")
        #expect(TCPFlags(rawValue: 0x1ff).description == "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR,AE")
        #expect(TCPFlags().description.isEmpty)
    }

    @Test func `IPv4`() throws {
        let bytes = [UInt8](hex: "4600 0020 0102 6003 40 06 0000 0a000001 0a000002 01010101 ff")
        let header = try IPv4Header(bytes.span)
        #expect(header.length == 24)
        #expect(header.totalLength == 32)
        #expect(header.identification == 0x0102)
        #expect(header.isFragmentationForbidden == true)
        #expect(header.hasMoreFragments == true)
        #expect(header.fragmentOffset == 24)
        #expect(header.timeToLive == 64)
        #expect(header.nextProtocol == .tcp)
        #expect(header.source == Address(ipv4: 0x0a00_0001))
        #expect(header.destination == Address(ipv4: 0x0a00_0002))
        #expect(header.payload.count == 1)
    }

    @Test func `short headers tell how much is missing`() {
        func shortfall(_ body: () throws(HeaderError) -> Void) -> HeaderError? {
            do {
                try body()
                return nil
            } catch { return error }
        }
        let short: [UInt8] = [0x46, 0, 0]
        let options: [UInt8] = [0x46] + [UInt8](repeating: 0, count: 22)
        #expect(
            shortfall { () throws(HeaderError) in _ = try IPv4Header(short.span).length }
                == .short(.ipv4, need: 20, have: 3))
        #expect(
            shortfall { () throws(HeaderError) in _ = try IPv4Header(options.span).length }
                == .short(.ipv4, need: 24, have: 23))
        #expect(
            shortfall { () throws(HeaderError) in _ = try TCPHeader(options.span).length }
                == .malformed(.tcp))
    }

    @Test func `tags, labels and sessions`() throws {
        let tag = try VLANTag([0xb0, 0x2a, 0x08, 0x00].span)
        #expect(tag.identifier == 42)
        #expect(tag.etherType == .ipv4)
        let label = try MPLSLabel([0x00, 0x06, 0x41, 0xff].span)
        #expect(label.label == 100)
        #expect(label.isBottomOfStack == true)
        let session = try PPPoEHeader([0x11, 0, 0x12, 0x34, 0, 9].span)
        #expect(session.session == 0x1234)
        #expect(session.payloadLength == 9)
    }

    @Test func `tunnels`() throws {
        let gre = try GREHeader([0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8].span)
        #expect(gre.length == 16)
        #expect(gre.key == 7)
        let vxlan = try VXLANHeader([8, 0, 0, 0, 0x12, 0x34, 0x56, 0].span)
        #expect(vxlan.networkIdentifier == 0x12_3456)
        #expect(vxlan.nextProtocol == nil)
        let gtp = try GTPHeader([0x32, 255, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0].span)
        #expect(gtp.length == 12)
        #expect(gtp.tunnelIdentifier == 0x0102_0304)
    }

    @Test func `jumbo lengths behind other options`() throws {
        let padded = try IPv6ExtensionHeader(
            [UInt8](hex: "0601 0104 00000000 00 c204 00012345 00").span)
        #expect(padded.jumboPayloadLength == 0x12345)
        let none = try IPv6ExtensionHeader([UInt8](hex: "0600 0104 00000000").span)
        #expect(none.jumboPayloadLength == nil)
        let broken = try IPv6ExtensionHeader([UInt8](hex: "0600 0102 0000 c204").span)
        #expect(broken.jumboPayloadLength == nil)
    }
}
