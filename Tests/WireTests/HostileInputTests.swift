import TestKit
import Testing
import Wire

/// No input may trap, and equal input gives equal output.
@Suite struct HostileInputTests {
    static let linkTypes: [LinkType] = Array(Set(Sample.all.map(\.linkType)))
        .sorted { $0.rawValue < $1.rawValue }

    @Test(arguments: Sample.all)
    func `any byte may have any value`(sample: Sample) {
        for index in sample.bytes.indices {
            var bytes = sample.bytes
            for value in stride(from: 0, through: 255, by: index < 60 ? 3 : 15) {
                bytes[index] = UInt8(value)
                _ = decode(bytes, sample.linkType)
                _ = Decoder().checksums(
                    bytes.span, linkType: sample.linkType, wireLength: bytes.count)
            }
        }
    }

    @Test(arguments: linkTypes)
    func `noise does not trap`(linkType: LinkType) {
        var random = SplitMix64(seed: UInt64(linkType.rawValue))
        for _ in 0..<5000 {
            let bytes = random.bytes(Int.random(in: 0...120, using: &random))
            _ = decode(bytes, linkType, wireLength: Int.random(in: -5...300, using: &random))
        }
    }

    @Test(arguments: Sample.all)
    func `damage and cuts do not trap`(sample: Sample) {
        var random = SplitMix64(seed: 99)
        for _ in 0..<3000 {
            var bytes = sample.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    [0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next())]
                    .randomElement(using: &random)!
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let wireLength = [0, bytes.count, 70_000, Int.max, Int.min]
                .randomElement(using: &random)!
            _ = decode(bytes, sample.linkType, wireLength: wireLength)
            _ = Decoder().checksums(
                bytes.span, linkType: sample.linkType, wireLength: wireLength)
        }
    }

    @Test func `endless nesting ends under its name`() {
        var tags: [UInt8] = []
        for _ in 0..<1000 { tags += [0x81, 0, 0, 1] }
        #expect(
            decode([UInt8](repeating: 0, count: 12) + tags).outcome == .setAside(.nestedTooDeep))
        var packet = Sample.builder4.ip
        for _ in 0..<60 {
            packet = packet.inIPv4(.ipv4, from: Sample.outerA, to: Sample.outerB)
        }
        #expect(decode(packet, .raw).outcome == .setAside(.nestedTooDeep))
        let labels = Sample.builder4.ip.inMPLS([UInt32](repeating: 16, count: 100))
        #expect(decode(labels, .mpls).outcome == .setAside(.nestedTooDeep))
        var pktap: [UInt8] = []
        for _ in 0..<100 { pktap += [12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0] }
        #expect(decode(pktap, .pktap).outcome == .setAside(.nestedTooDeep))
    }

    @Test func `ten tags and ten tunnels are no trouble`() {
        let tagged = Sample.builder4.ethernet(vlans: Array(1...10))
        #expect(decode(tagged).outcome == .segment)
        var packet = Sample.builder4.ip
        for _ in 0..<10 {
            packet = packet.inIPv4(.ipv4, from: Sample.outerA, to: Sample.outerB)
        }
        #expect(decode(packet, .raw).outcome == .segment)
    }
}
