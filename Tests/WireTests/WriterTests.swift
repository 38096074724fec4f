import TestKit
import Testing
import Wire

/// Files, byte by byte as their specifications say.
@Suite struct WriterTests {
    let time = Timestamp(nanoseconds: 1_700_000_000_123_456_789)

    @Test func `classic pcap, microseconds, little-endian`() {
        var writer = PcapWriter(snapshotLength: 96)
        writer.append([0xaa, 0xbb, 0xcc], at: time, wireLength: 1000)
        #expect(
            writer.bytes
                == [UInt8](
                    hex: """
                        d4c3b2a1 0200 0400 00000000 00000000 60000000 01000000
                        00f15365 40e20100 03000000 e8030000 aabbcc
                        """))
    }

    @Test func `classic pcap, nanoseconds, big-endian`() {
        var writer = PcapWriter(linkType: .raw, isNanosecond: true, isBigEndian: true)
        writer.append([0xaa], at: time)
        #expect(
            writer.bytes
                == [UInt8](
                    hex: """
                        a1b23c4d 0002 0004 00000000 00000000 00040000 00000065
                        6553f100 075bcd15 00000001 00000001 aa
                        """))
    }

    @Test func `pcapng, little-endian`() {
        var writer = PcapngWriter()
        writer.addInterface(.ethernet)
        writer.append([0xaa, 0xbb, 0xcc, 0xdd, 0xee], at: time, wireLength: 9)
        // 1_700_000_000_123_456 microseconds are 0x00060a24_18202240.
        #expect(
            writer.bytes
                == [UInt8](
                    hex: """
                        0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
                        01000000 20000000 0100 0000 00000000 0900 0100 06000000 00000000 20000000
                        06000000 28000000 00000000 240a0600 40222018 05000000 09000000
                        aabbccdd ee000000 28000000
                        """))
    }

    @Test func `pcapng, big-endian, nanoseconds, two interfaces`() {
        var writer = PcapngWriter(isBigEndian: true)
        #expect(writer.addInterface(.ethernet) == 0)
        #expect(writer.addInterface(.raw, decimals: 9) == 1)
        let start = writer.bytes.count
        writer.append([1, 2, 3, 4], at: Timestamp(nanoseconds: 0x1_0000_0002), interface: 1)
        #expect(
            Array(writer.bytes[start...])
                == [UInt8](
                    hex: """
                        00000006 00000024 00000001 00000001 00000002 00000004 00000004
                        01020304 00000024
                        """))
    }

    @Test func `random numbers are those of the published generator`() {
        // First outputs for seed 0 and 1234567, as in the reference implementation.
        var zero = SplitMix64(seed: 0)
        #expect(zero.next() == 0xe220_a839_7b1d_cdaf)
        #expect(zero.next() == 0x6e78_9e6a_a1b9_65f4)
        var other = SplitMix64(seed: 1_234_567)
        #expect(other.next() == 6_457_827_717_110_365_317)
    }
}
