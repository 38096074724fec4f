import TestKit
import Testing
import Wire

struct AddressMaskTests {
    /// How many leading bits two addresses share.
    private func shared(_ a: Address, _ b: Address) -> Int {
        let high = (a.high ^ b.high).leadingZeroBitCount
        return high < 64 ? high : 64 + (a.low ^ b.low).leadingZeroBitCount
    }

    @Test func `Addresses share as long a prefix afterwards as before`() {
        var random = SplitMix64(seed: 7)
        let mask = AddressMask(key: (random.next(), random.next()))
        for _ in 0..<200 {
            let one = UInt32(truncatingIfNeeded: random.next())
            let other = one ^ UInt32(truncatingIfNeeded: random.next()) >> (random.next() % 32)
            let (a, b) = (Address(ipv4: one), Address(ipv4: other))
            // The first four bits are those of 240.0.0.0/4, in which nobody has an address.
            let length = shared(mask[a], mask[b])
            #expect(shared(a, b) < 96 + 4 ? length >= 96 + 4 : length == shared(a, b))
            #expect(mask[a].isIPv4)
            #expect(mask[a].low & 0xf000_0000 == 0xf000_0000)
            let six = Address(high: 0x2001_0db8 << 32 | UInt64(one), low: random.next())
            let near = Address(high: six.high, low: six.low ^ random.next() >> (random.next() % 64))
            #expect(shared(mask[six], mask[near]) == shared(six, near))
            // RFC 3849.
            #expect(mask[six].high >> 32 == 0x2001_0db8)
        }
    }

    /// RFC 5737.
    @Test func `Few networks get the documentation networks, and none that they are themselves`() {
        let networks: [UInt32] = [0x0a_01_01, 0x0a_01_02, 0xac_10_00]
        let mask = AddressMask(key: (1, 2), networks: Set(networks))
        let masked = networks.map {
            UInt32(truncatingIfNeeded: mask[Address(ipv4: $0 << 8 | 7)].low) >> 8
        }
        // The two that share more of their bits share more afterwards: 192.0.2.0 and 198.51.100.0.
        #expect(Set(masked[..<2]) == [0xc0_00_02, 0xc6_33_64])
        #expect(masked[2] == 0xcb_00_71)
        let hosts = Set((0..<256).map { mask[Address(ipv4: 0x0a_01_01_00 | $0)] })
        #expect(hosts.count == 256)
        let own = AddressMask(key: (1, 2), networks: [0xc0_00_02])
        #expect(own[Address(ipv4: 0xc0_00_02_01)].low >> 8 & 0xff_ffff == 0xc6_33_64)
        let many = AddressMask(key: (1, 2), networks: Set(0x0a_00_00...0x0a_00_03))
        #expect(many[Address(ipv4: 0x0a_00_00_01)].low & 0xf000_0000 == 0xf000_0000)
    }

    @Test func `Another key gives another address`() {
        let address = Address(ipv4: 0x0a01_0102)
        let masked = Set((0..<50 as Range<UInt64>).map { AddressMask(key: ($0, 1))[address] })
        #expect(masked.count > 40)
    }

    @Test func `Headers of a segment are those that it was read from`() throws {
        var random = SplitMix64(seed: 3)
        for isIPv4 in [true, false] {
            var segment = Segment()
            segment.source = isIPv4 ? Address(ipv4: 0x0a00_0001) : Address(high: 1, low: 2)
            segment.destination = isIPv4 ? Address(ipv4: 0x0a00_0002) : Address(high: 1, low: 3)
            segment.sourcePort = 4000
            segment.destinationPort = 80
            segment.sequenceNumber = SequenceNumber(UInt32(truncatingIfNeeded: random.next()))
            segment.acknowledgmentNumber = SequenceNumber(77)
            segment.flags = [.ack, .psh]
            segment.window = 512
            segment.payloadLength = 333
            segment.timeToLive = 61
            segment.identification = isIPv4 ? 99 : 0
            segment.options.present = [.timestamps]
            segment.options.timestampValue = 5
            segment.options.timestampEcho = 6
            segment.packetLength = (isIPv4 ? 20 : 40) + 32 + 333
            let bytes = segment.headers
            var read = Segment()
            let outcome = Decoder().decode(
                bytes.span, linkType: .raw, wireLength: bytes.count + 333, into: &read)
            #expect(outcome == .segment)
            #expect(read == segment)
            // The sum over all words, the field included, is zero. RFC 1071.
            var sum = InternetChecksum()
            sum.addPseudoHeader(
                source: segment.source, destination: segment.destination, length: 32 + 333)
            sum.add(Array(bytes.suffix(32)).span)
            #expect(sum.field == 0)
        }
    }
}
