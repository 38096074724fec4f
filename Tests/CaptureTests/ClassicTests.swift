import Capture
import Testing

/// Hand-made files; the expected values follow from the format's description.
@Suite struct ClassicTests {
    struct Kind: CustomTestStringConvertible, Sendable {
        let magic: UInt32
        let order: CaptureBytes.Order
        /// Nanoseconds of the fraction 7.
        let nanoseconds: Int64
        let extra: Int
        let name: String
        var testDescription: String { name }
    }

    static let kinds: [Kind] = CaptureBytes.Order.allCases.flatMap { order in
        let end = order == .little ? "little-endian" : "big-endian"
        return [
            Kind(
                magic: 0xa1b2_c3d4, order: order, nanoseconds: 7_000, extra: 0,
                name: "pcap, microseconds, \(end)"),
            Kind(
                magic: 0xa1b2_3c4d, order: order, nanoseconds: 7, extra: 0,
                name: "pcap, nanoseconds, \(end)"),
            Kind(
                magic: 0xa1b2_cd34, order: order, nanoseconds: 7_000, extra: 8,
                name: "modified pcap, microseconds, \(end)"),
        ]
    }

    @Test(arguments: kinds)
    func `every kind of classic file gives time, lengths, bytes, number and link type`(
        kind: Kind
    ) throws {
        var capture = CaptureBytes.classic(kind.order, magic: kind.magic, linkType: 113)
        capture.record(5, 7, [1, 2, 3], wire: 1_500, extra: kind.extra)
        capture.record(4, 7, [], wire: 0, extra: kind.extra)
        let reading = try Reading(capture)
        let first = try #require(reading.frames.first)
        #expect(reading.frames.count == 2)
        #expect(first.bytes == [1, 2, 3])
        #expect(first.wireLength == 1_500)
        #expect(first.nanoseconds == 5_000_000_000 + kind.nanoseconds)
        #expect(first.linkType == 113)
        #expect(reading.frames.map(\.number) == [1, 2])
        #expect(reading.frames[1].bytes.isEmpty)
        #expect(reading.problems.isEmpty)
        #expect(reading.summaries[0].format == kind.name)
        #expect(reading.summaries[0].frames == 2)
        #expect(reading.bytes == Int64(capture.bytes.count))
        #expect(reading.totalBytes == Int64(capture.bytes.count))
    }

    @Test func `seconds are unsigned and last until 2106`() throws {
        for backend in CaptureReader.Backend.allCases {
            var capture = CaptureBytes.classic()
            capture.record(0xffff_ffff, 1, [0])
            let reading = try Reading(capture, backend: backend)
            #expect(reading.times == [4_294_967_295_000_001_000])
        }
    }

    @Test(arguments: [1_000_000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] as [UInt32])
    func `a fraction beyond its second is clamped to the end of the second`(
        fraction: UInt32
    ) throws {
        for backend in CaptureReader.Backend.allCases {
            var capture = CaptureBytes.classic()
            capture.record(10, fraction, [0])
            #expect(try Reading(capture, backend: backend).times == [10_999_999_999])
        }
    }

    @Test func `versions before 2.3 have the wire length first, 2.3 the larger one last`() throws {
        for version: (UInt16, UInt16) in [(2, 0), (2, 1), (2, 2), (543, 0), (2, 3)] {
            var capture = CaptureBytes.classic(version: version)
            capture.record(1, 0, [9, 8], captured: 60, wire: 2)
            if version.1 == 3 { capture.record(1, 0, [9, 8], captured: 2, wire: 60) }
            let reading = try Reading(capture)
            #expect(reading.problems.isEmpty)
            #expect(reading.frames.allSatisfy { $0.bytes == [9, 8] && $0.wireLength == 60 })
            let reference = try Reading(capture, backend: .libpcap)
            #expect(reading.frames == reference.frames)
        }
    }

    @Test(arguments: [(12, 101), (14, 101), (101, 101), (11, 100), (1, 1), (0xf400_0001, 1)])
    func `link types of other systems, and those with a checksum's length, are translated`(
        field: UInt32, linkType: UInt32
    ) throws {
        for backend in CaptureReader.Backend.allCases {
            var capture = CaptureBytes.classic(linkType: field)
            capture.record(1, 0, [0x45])
            #expect(try Reading(capture, backend: backend).frames.map(\.linkType) == [linkType])
        }
    }

    @Test func `bytes beyond the snapshot length are skipped`() throws {
        var capture = CaptureBytes.classic(snapshotLength: 4)
        capture.record(1, 0, [1, 2, 3, 4, 5, 6], wire: 100)
        capture.record(2, 0, [7])
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.bytes) == [[1, 2, 3, 4], [7]])
        #expect(reading.problems.isEmpty)
    }

    @Test(arguments: [(0, 262_144), (0x8000_0000, 262_144), (96, 96), (1_000_000, 1_000_000)])
    func `no snapshot length, or an absurd one, is the limit`(field: UInt32, means: UInt32) throws {
        let reading = try Reading(CaptureBytes.classic(snapshotLength: field))
        #expect(reading.summaries[0].snapshotLength == means)
        #expect(reading.frames.isEmpty)
        #expect(reading.problems.isEmpty)
    }

    @Test func `a record of 262144 bytes is read, a longer one is trouble`() throws {
        var capture = CaptureBytes.classic(snapshotLength: 300_000)
        capture.record(1, 0, [UInt8](repeating: 1, count: 262_144))
        capture.record(2, 0, [UInt8](repeating: 2, count: 262_145))
        let reading = try Reading(capture)
        #expect(reading.frames.map(\.bytes.count) == [262_144])
        #expect(reading.fileError == .capturedLength(262_145, limit: 262_144))
        #expect(reading.offset == 262_184)
    }
}
