import Testing
import Wire

/// RFC 9293, section 3.4: all arithmetic is modulo 2^32.
@Suite struct SequenceNumberTests {
    /// Where to start from: in the middle, at zero, at the sign and before the wrap.
    static let starts: [UInt32] = [1, 1_000_000, 0, 0x7fff_fff0, 0x8000_0000, 0xffff_fff0, .max]

    @Test(arguments: starts)
    func `order and distance hold across the wrap`(start: UInt32) {
        let a = SequenceNumber(start)
        for offset: UInt32 in [1, 15, 16, 17, 65535, 0x7fff_ffff] {
            let b = a + offset
            #expect(a < b && b > a && a <= b && b >= a && a != b)
            #expect(!(b < a) && !(a > b))
            #expect(b.distance(from: a) == Int32(offset))
            #expect(a.distance(from: b) == -Int32(offset))
            #expect(b - offset == a)
        }
        #expect(a <= a && a >= a && !(a < a) && !(a > a))
    }

    @Test(arguments: starts)
    func `a range includes its start and not its end`(start: UInt32) {
        let a = SequenceNumber(start)
        #expect(a.isWithin(a, length: 1))
        #expect(!a.isWithin(a, length: 0))
        #expect((a + 99).isWithin(a, length: 100))
        #expect(!(a + 100).isWithin(a, length: 100))
        #expect(!(a - 1).isWithin(a, length: 100))
        #expect((a + 0xffff_fffe).isWithin(a, length: .max))
    }

    @Test func `SYN and FIN take up a number each`() {
        var segment = Segment()
        segment.sequenceNumber = SequenceNumber(0xffff_fff0)
        segment.payloadLength = 15
        #expect(segment.length == 15)
        segment.flags = [.fin, .ack]
        #expect(segment.length == 16)
        #expect(segment.endSequenceNumber == SequenceNumber(0))
        segment.flags = [.syn, .fin]
        #expect(segment.endSequenceNumber == SequenceNumber(1))
    }

    @Test func `numbers print in decimal`() {
        #expect(SequenceNumber(.max).description == "4294967295")
    }
}
