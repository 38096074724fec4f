import TestKit
import Testing
import Wire

@Suite struct ChecksumTests {
    @Test func `the example of RFC 1071`() {
        // Section 3: the words 0001, f203, f4f5, f6f7 sum to ddf2.
        var sum = InternetChecksum()
        sum.add([UInt8](hex: "0001 f203 f4f5 f6f7").span)
        #expect(sum.field == ~0xddf2)
    }

    @Test func `an odd byte counts as the high one`() {
        var sum = InternetChecksum()
        sum.add([UInt8](hex: "0001 f2").span)
        #expect(sum.field == ~0xf201)
    }

    @Test func `any split of the bytes at even places gives the same sum`() {
        let bytes = (0..<255).map { UInt8($0) }
        var whole = InternetChecksum()
        whole.add(bytes.span)
        for at in stride(from: 0, through: 254, by: 2) {
            var parts = InternetChecksum()
            parts.add(Array(bytes[..<at]).span)
            parts.add(Array(bytes[at...]).span)
            #expect(parts.field == whole.field)
        }
    }

    @Test func `a megabyte of ones does not overflow`() {
        var sum = InternetChecksum()
        sum.add([UInt8](repeating: 0xff, count: 1 << 20).span)
        #expect(sum.field == 0)
    }

    func judge(
        _ bytes: [UInt8], _ linkType: LinkType = .ethernet, wireLength: Int? = nil
    ) -> Decoder.Checksums? {
        Decoder().checksums(
            bytes.span, linkType: linkType, wireLength: wireLength ?? bytes.count)
    }

    @Test(arguments: Sample.all)
    func `built packets are correct, damaged ones wrong`(sample: Sample) {
        let expected = Decoder.Checksums(
            network: sample.isIPv6 ? nil : .correct, transport: .correct)
        #expect(judge(sample.bytes, sample.linkType) == expected)
        // The payload is whole at the end, but for the check sequence of 802.11.
        guard sample.name != "radiotap with check sequence" else { return }
        var damaged = sample.bytes
        damaged[damaged.count - 3] ^= 1
        #expect(judge(damaged, sample.linkType)?.transport == .wrong)
        damaged = Array(sample.bytes.dropLast())
        #expect(
            judge(damaged, sample.linkType, wireLength: sample.bytes.count)?.transport
                == .notCaptured)
    }

    @Test func `a changed address makes both sums wrong`() {
        var bytes = Sample.builder4.ethernet
        bytes[26] ^= 0x40
        #expect(judge(bytes) == Decoder.Checksums(network: .wrong, transport: .wrong))
    }

    @Test func `fragments and frames without TCP have no verdict`() {
        let builder = Sample.builder4
        let first = Array(builder.tcp.prefix(40)).inIPv4(
            .tcp, from: builder.source, to: builder.destination, fragment: 0x2000)
        #expect(judge(first, .raw)?.transport == .notCaptured)
        #expect(judge([UInt8](repeating: 0, count: 60)) == nil)
    }

    @Test func `odd payloads of any length`() {
        var builder = PacketBuilder()
        for count in 0..<64 {
            builder.payload = [UInt8](repeating: 0xa5, count: count)
            #expect(judge(builder.ip, .raw)?.transport == .correct)
        }
    }
}
