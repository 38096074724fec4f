import TestKit
import Testing

@testable import Wire

@Suite struct DecoderTests {
    /// What every sample holds.
    static func expected(_ sample: Sample, scope: UInt32) -> Segment {
        var segment = Segment()
        let builder = sample.isIPv6 ? Sample.builder6 : Sample.builder4
        segment.source = builder.source
        segment.destination = builder.destination
        segment.sourcePort = 40000
        segment.destinationPort = 80
        segment.scope = scope
        segment.sequenceNumber = SequenceNumber(0xffff_fff0)
        segment.acknowledgmentNumber = SequenceNumber(0x0102_0304)
        segment.flags = [.psh, .ack]
        segment.window = 64240
        segment.payloadLength = 18
        segment.options.present = .timestamps
        segment.options.timestampValue = 7
        segment.options.timestampEcho = 9
        segment.timeToLive = 64
        segment.identification = sample.isIPv6 ? 0 : 0x1234
        return segment
    }

    @Test(arguments: Sample.all)
    func `every way leads to the same segment`(sample: Sample) {
        var (outcome, segment) = decode(sample.bytes, sample.linkType)
        #expect(outcome == .segment)
        #expect((segment.scope != 0) == sample.hasScope)
        #expect(segment.packetLength >= (sample.isIPv6 ? 90 : 70))
        segment.packetLength = 0
        #expect(segment == Self.expected(sample, scope: segment.scope))
    }

    @Test(arguments: [[.syn], [.syn, .ack], [.rst], [.rst, .ack], [.ack]] as [TCPFlags])
    func `SYNs and RSTs tell two hardware addresses apart`(flags: TCPFlags) {
        var builder = Sample.builder4
        builder.flags = flags
        for vlans in [[], [7], [7, 8]] as [[UInt16]] {
            let one = builder.ethernet(vlans: vlans)
            var other = one
            other.replaceSubrange(6..<12, with: [2, 0, 0x5e, 0x10, 0, 1])
            let sources = [one, other, one].map { decode($0).segment.hardwareSource }
            let isTold = flags != [.ack]
            #expect((sources[0] != sources[1]) == isTold)
            #expect(sources[0] == sources[2])
            #expect((sources[1] != 0) == isTold)
        }
    }

    @Test(arguments: Sample.all)
    func `the snapshot length changes nothing but options`(sample: Sample) {
        let whole = decode(sample.bytes, sample.linkType).segment
        for length in 0..<sample.bytes.count {
            let (outcome, segment) = decode(
                Array(sample.bytes.prefix(length)), sample.linkType,
                wireLength: sample.bytes.count)
            switch outcome {
            case .segment:
                var uncut = segment
                if segment.options.present.contains(.incomplete) {
                    #expect(length < sample.bytes.count - 18)
                    uncut.options = whole.options
                    // Cut with all that comes after the flags.
                    if uncut.window == .max { uncut.window = whole.window }
                }
                #expect(uncut == whole)
            case .setAside(let reason):
                #expect(
                    [.linkHeaderCut, .ipHeaderCut, .tcpHeaderCut].contains(reason),
                    "\(reason) at \(length)")
            case .icmpError: Issue.record("no ICMP here")
            }
        }
    }

    @Test(arguments: Sample.all)
    func `trailing bytes are no payload`(sample: Sample) {
        let whole = decode(sample.bytes, sample.linkType).segment
        let padded = decode(sample.bytes + [1, 2, 3, 4, 5, 6, 7, 8, 9], sample.linkType)
        #expect(padded.outcome == .segment)
        #expect(padded.segment == whole)
    }

    @Test func `both directions of a flow have one scope`() {
        for (there, back) in zip(Sample.tunnels(reversed: false), Sample.tunnels(reversed: true)) {
            let a = decode(there.bytes, there.linkType)
            let b = decode(back.bytes, back.linkType)
            #expect(a.outcome == .segment && b.outcome == .segment, "\(there.name)")
            #expect(a.segment.scope == b.segment.scope, "\(there.name)")
            #expect(a.segment.source == b.segment.destination, "\(there.name)")
        }
    }

    /// A scope has 32 bits: of n ways about n²/2³³ pairs have equal ones. No pattern of VLANs makes that more.
    @Test func `nested VLANs rarely have equal scopes`() {
        var scopes: Set<UInt32> = []
        let count = 60_000
        var frame = Sample.builder4.ethernet(vlans: [1, 1])
        for number in 0..<count {
            let outer = 1 + number % 300
            let inner = 1 + number / 300
            frame[14] = UInt8(outer >> 8)
            frame[15] = UInt8(outer & 255)
            frame[18] = UInt8(inner >> 8)
            frame[19] = UInt8(inner & 255)
            scopes.insert(decode(frame, .ethernet).segment.scope)
        }
        // 0.42 expected; more than 8 once in 10¹⁰ runs.
        #expect(count - scopes.count <= 8)
    }

    @Test func `different ways have different scopes`() {
        let scopes = Sample.tunnels(reversed: false)
            .filter { !["WCCP 1", "WCCP 2", "GRE with checksum and number"].contains($0.name) }
            .filter { !["Ethernet in GRE", "PPTP", "PPTP with acknowledgment"].contains($0.name) }
            .filter { !["MPLS in UDP", "Geneve with IPv4"].contains($0.name) }
            .filter {
                !["VXLAN on Linux's old port", "GTP-U with an extension header"].contains($0.name)
            }
            .map { decode($0.bytes, $0.linkType).segment.scope }
        #expect(Set(scopes).count == scopes.count)
    }

    @Test func `priorities of a tag do not split a flow`() {
        let ip = Sample.builder4.ip
        let scopes = [0x0007, 0x2007, 0xf007].map {
            decode(ip.afterTag($0, .ipv4).inEthernet(.vlan)).segment.scope
        }
        #expect(Set(scopes).count == 1 && scopes[0] != 0)
        let plain = [0x0000, 0xe000].map {
            decode(ip.afterTag($0, .ipv4).inEthernet(.vlan)).segment.scope
        }
        #expect(plain == [0, 0])
    }

    @Test func `the order of tags counts`() {
        let a = decode(Sample.builder4.ethernet(vlans: [1, 2])).segment.scope
        let b = decode(Sample.builder4.ethernet(vlans: [2, 1])).segment.scope
        #expect(a != b)
    }

    @Test func `the straight line and the walk agree on damaged frames`() {
        var random = SplitMix64(seed: 1)
        let samples = Sample.all.filter { $0.linkType == .ethernet }
        var common = 0
        for _ in 0..<60_000 {
            var bytes = samples.randomElement(using: &random)!.bytes
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...20, using: &random))
            var straight = leftovers
            var walked = leftovers
            guard
                Decoder.decodeCommon(bytes.span, into: &straight, where: { _ in true }) == .wanted
            else { continue }
            common += 1
            let outcome = Decoder.decodeLayers(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, into: &walked)
            #expect(outcome == .segment)
            #expect(straight == walked)
        }
        #expect(common > 4000)
    }

    @Test func `the options of a Linux SYN are read at once, any others one by one`() {
        // MSS 1460, SACK permitted, timestamps, NOP, window scale 7: as `tcp_options_write` lays them out.
        let frame = [UInt8](
            hex: "020000000002 020000000001 0800"
                + " 4500003c 00014000 40060000 0a000001 0a000002"
                + " 9c400050 00000001 00000000 a002faf0 00000000"
                + " 020405b4 0402 080a 9aa1b2c3 01020304 01 030307")
        let start = 14 + 20 + 20
        for place in start..<frame.count {
            for value in [frame[place], 0, 1, 2, 3, 4, 8, 10, 15, 255] {
                var bytes = frame
                bytes[place] = value
                var straight = leftovers
                var walked = leftovers
                let common = Decoder.decodeCommon(
                    bytes.span, into: &straight, where: { _ in true })
                let outcome = Decoder.decodeLayers(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, into: &walked)
                #expect(common == .wanted && outcome == .segment)
                #expect(straight == walked, "byte \(place) is \(value)")
            }
        }
    }
}
