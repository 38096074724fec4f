import TestKit
import Testing
import Wire

/// What is kept of a frame decodes as the frame did.
struct HeaderLengthTests {
    private func kept(_ bytes: [UInt8], _ linkType: LinkType) -> Int {
        let (outcome, segment) = decode(bytes, linkType)
        return Decoder().headerLength(
            bytes.span, linkType: linkType, wireLength: bytes.count, outcome: outcome,
            segment: segment)
    }

    @Test(arguments: Sample.all) func `Headers are enough`(sample: Sample) {
        let length = kept(sample.bytes, sample.linkType)
        #expect(length <= sample.bytes.count)
        let whole = decode(sample.bytes, sample.linkType)
        let short = decode(
            Array(sample.bytes.prefix(length)), sample.linkType, wireLength: sample.bytes.count)
        #expect(short == whole)
    }

    @Test func `Of a long frame with 32 bytes of TCP header, 66 bytes are kept`() {
        var builder = Sample.builder4
        builder.payload = [UInt8](repeating: 7, count: 1_400)
        #expect(kept(builder.ethernet, .ethernet) == 14 + 20 + 32)
        #expect(kept(builder.ethernet(vlans: [5]), .ethernet) == 18 + 20 + 32)
        builder.flags = [.rst]
        builder.payload = Array("proxy timed out".utf8)
        #expect(kept(builder.ethernet, .ethernet) == builder.ethernet.count)
    }
}
