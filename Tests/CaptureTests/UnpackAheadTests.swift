import CZstd
import TestKit
import Testing

@testable import Capture

/// Packed files whose parts are unpacked several at once.
struct UnpackAheadTests {
    /// So many bytes that pack to about a third.
    private static func content(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            bytes += random.bytes(min(20, count - bytes.count))
            bytes += [UInt8](repeating: 7, count: min(40, count - bytes.count))
        }
        return bytes
    }

    /// A gzip member as bgzip writes it: SAM specification, section 4.1.
    private static func blockedMember(_ bytes: [UInt8]) -> [UInt8] {
        let member = pack(bytes, .gzip)
        let length = member.count + 8 - 1
        return Array(member.prefix(3)) + [4] + member[4..<10]
            + [6, 0, 0x42, 0x43, 2, 0, UInt8(length & 0xff), UInt8(length >> 8)]
            + member.dropFirst(10)
    }

    private static func parts(_ bytes: [UInt8], _ size: Int, _ kind: Compression) -> [[UInt8]] {
        parts(bytes, size, kind == .gzip ? blockedMember : { pack($0, kind) })
    }

    private static func parts(
        _ bytes: [UInt8], _ size: Int, _ pack: ([UInt8]) throws -> [UInt8]
    ) rethrows -> [[UInt8]] {
        try stride(from: 0, to: bytes.count, by: size).map { start in
            try pack(Array(bytes[start..<min(start + size, bytes.count)]))
        }
    }

    /// What is read of a file, and how that ends.
    private struct Outcome: Equatable {
        var bytes: [UInt8] = []
        var error: FileError?
        var offset: Int64 = 0
    }

    private static func outcome(_ packed: [UInt8], threads: Int) throws -> Outcome {
        let file = try TemporaryFile(packed)
        var source = try ByteSource(path: file.path)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 70_000, alignment: 16)
        defer { room.deallocate() }
        var outcome = Outcome()
        do throws(FileError) {
            while true {
                let count = try source.read(into: room, threads: threads)
                if count == 0 { break }
                outcome.bytes += room.prefix(count)
            }
        } catch {
            outcome.error = error
        }
        outcome.offset = source.compressedOffset
        return outcome
    }

    /// Several threads read what one reads, and end as it does.
    private static func expectSame(_ packed: [UInt8]) throws -> Outcome {
        let one = try outcome(packed, threads: 1)
        for threads in [2, 5] {
            let several = try outcome(packed, threads: threads)
            #expect(several == one)
        }
        return one
    }

    @Test func `Parts after the first are unpacked ahead`() throws {
        let bytes = Self.content(3_000_000)
        for kind in [Compression.gzip, .zstandard] {
            let parts = Self.parts(bytes, 60_000, kind)
            let packed = parts.flatMap { $0 }
            let file = try TemporaryFile(packed)
            let descriptor = try FileDescriptor(opening: file.path)
            let made = UnpackAhead(
                kind, descriptor, from: Int64(parts[0].count), threads: 2)
            let ahead = try #require(made)
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100_000, alignment: 16)
            defer { room.deallocate() }
            var read: [UInt8] = []
            while case let count = ahead.read(into: room), count > 0 { read += room.prefix(count) }
            #expect(read == Array(bytes.dropFirst(60_000)))
            #expect(ahead.offset == Int64(packed.count))
        }
    }

    /// A frame with a checksum is over behind it: RFC 8878, section 3.1.1.
    @Test(arguments: [false, true]) func `Frames are unpacked ahead where they are read`(
        hasChecksum: Bool
    ) throws {
        let parts = try Self.parts(Self.content(400_000), 50_000) {
            try Self.frameOfUnknownSize($0, hasChecksum: hasChecksum)
        }
        let file = try TemporaryFile(parts.flatMap { $0 })
        var source = try ByteSource(path: file.path)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 50_000, alignment: 16)
        defer { room.deallocate() }
        // Read in turn, all of so short a file would be in memory.
        var read = 0
        for part in 0..<3 {
            repeat { read += try source.read(into: room, threads: 2) } while read % 50_000 != 0
            if part == 0 { continue }
            #expect(source.bytesRead == Int64(parts[0..<part].joined().count))
        }
    }

    @Test(arguments: [Compression.gzip, .zstandard], [1, 7_000, 65_000])
    func `Whole files unpack the same`(kind: Compression, size: Int) throws {
        let bytes = Self.content(size == 1 ? 100 : 2_500_000)
        let packed = Self.parts(bytes, size, kind).flatMap { $0 }
        let outcome = try Self.expectSame(packed)
        #expect(outcome == Outcome(bytes: bytes, error: nil, offset: Int64(packed.count)))
    }

    /// A part of each: a member of 64 KiB or a frame of unknown size is unpacked by itself.
    @Test(arguments: [nil, false, true] as [Bool?])
    func `Damaged and cut files are read to the same byte`(hasChecksum: Bool?) throws {
        let parts = try Self.parts(Self.content(900_000), 30_000) { part in
            try hasChecksum.map { try Self.frameOfUnknownSize(part, hasChecksum: $0) }
                ?? Self.blockedMember(part)
        }
        let packed = parts.flatMap { $0 }
        var random = SplitMix64(seed: 4)
        for _ in 0..<40 {
            let place = parts[0].count + Int(random.next() % UInt64(packed.count - parts[0].count))
            var damaged = packed
            damaged[place] ^= UInt8(1 + random.next() % 255)
            _ = try Self.expectSame(damaged)
            let cut = try Self.expectSame(Array(packed.prefix(place)))
            #expect(cut.bytes.count < 900_000)
        }
        // What follows and does not belong.
        for rest: [UInt8] in [[0, 0, 0, 0, 0], Array("none of it".utf8), [0x1f], [0x28, 0xb5]] {
            let outcome = try Self.expectSame(packed + rest)
            #expect(outcome.bytes.count == 900_000)
        }
    }

    /// Lengths that lie: of the second member, in its header.
    @Test func `A gzip member ends where its data do`() throws {
        var parts = Self.parts(Self.content(600_000), 50_000, .gzip)
        for length in [0, 17, 25, parts[1].count - 2, parts[1].count + 100, 0xffff] {
            parts[1][16] = UInt8(length & 0xff)
            parts[1][17] = UInt8(length >> 8)
            let outcome = try Self.expectSame(parts.flatMap { $0 })
            #expect(outcome.bytes.count == 600_000)
            #expect(outcome.error == nil)
        }
    }

    @Test func `Large, skippable and unknown frames are unpacked the same`() throws {
        let small = Self.content(100_000)
        let large = [UInt8](repeating: 1, count: PackedUnits.contentLimit + 1)
        // RFC 8878, section 3.1.2; pzstd writes such a frame before each.
        let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 9, 9, 9, 9]
        let frame = pack(small, .zstandard)
        let unknown = try Self.frameOfUnknownSize(small)
        for second in [skippable + frame, unknown, pack(large, .zstandard), pack([], .zstandard)] {
            let packed = frame + second + skippable + frame + unknown + frame
            #expect(try Self.expectSame(packed).error == nil)
        }
        // As large as may be: the frame's last block is empty.
        let largest = try Self.frameOfUnknownSize(Array(large.dropLast()))
        #expect(try Self.expectSame(frame + largest + frame).error == nil)
        let unknownLarge = try Self.frameOfUnknownSize(large)
        let outcome = try Self.expectSame(frame + frame + unknownLarge + frame)
        #expect(outcome.bytes.count == 3 * small.count + large.count)
    }

    /// Blocks without content, which cost three bytes each, are not followed without end: RFC 8878, section 3.1.1.2.
    @Test func `A frame of many blocks is unpacked in turn`() throws {
        let frame = pack(Self.content(100_000), .zstandard)
        for (blocks, isFollowed) in [(1_000, true), (5_000, false), (200_000, false)] {
            // Two content bytes are told, and are in the last block.
            let long: [UInt8] =
                [0x28, 0xb5, 0x2f, 0xfd, 0x20, 2] + [UInt8](repeating: 0, count: 3 * blocks)
                + [0x11, 0, 0, 8, 9]
            let packed = frame + long + frame
            let file = try TemporaryFile(packed)
            let descriptor = try FileDescriptor(opening: file.path)
            var units = PackedUnits(
                .zstandard, SharedDescriptor(descriptor), from: Int64(frame.count))
            #expect((units.next() != nil) == isFollowed)
            let outcome = try Self.expectSame(packed)
            #expect(outcome.error == nil)
            #expect(outcome.bytes.count == 200_002)
        }
    }

    private static func frameOfUnknownSize(
        _ bytes: [UInt8], hasChecksum: Bool = false
    ) throws -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, hasChecksum ? 1 : 0)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let room = output.count
        let count = output.withUnsafeMutableBytes {
            ZSTD_compress2(context, $0.baseAddress, room, bytes, bytes.count)
        }
        try #require(ZSTD_isError(count) == 0)
        return Array(output.prefix(count))
    }
}
