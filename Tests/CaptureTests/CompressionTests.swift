import Capture
import Foundation
import TestKit
import Testing

/// Packed captures: the frames of the unpacked ones, and clear words where the packing is damaged.
@Suite struct CompressionTests {
    static let kinds: [Compression] = [.gzip, .zstandard]
    static let backends: [CaptureReader.Backend] = [.own, .libpcap, .automatic]

    /// Ten records of 60 bytes that do not pack well, so that a cut leaves some of them.
    private static let capture: [UInt8] = {
        var random = SplitMix64(seed: 5)
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...10 { file.record(second, 0, random.bytes(60)) }
        return file.bytes
    }()

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func frames(_ bytes: [UInt8], _ backend: CaptureReader.Backend) throws -> Reading {
        let file = try TemporaryFile(bytes)
        return try Reading([file.path], backend: backend)
    }

    @Test(arguments: kinds, backends)
    func `a packed capture gives the frames of the unpacked one`(
        kind: Compression, backend: CaptureReader.Backend
    ) throws {
        for path in sourceCaptures {
            let plain = try Reading([path], backend: backend)
            let packed = pack(try bytes(path), kind)
            let reading = try frames(packed, backend)
            #expect(reading.frames == plain.frames)
            #expect(reading.problems.isEmpty)
            #expect(reading.interfaces == plain.interfaces)
            #expect(reading.bytes == Int64(packed.count))
            #expect(reading.totalBytes == Int64(packed.count))
            #expect(reading.summaries[0].format.hasSuffix(", \(kind.rawValue)"))
        }
    }

    @Test(arguments: kinds, [1, 7, 4_096])
    func `a packed pipe gives the same frames`(kind: Compression, piece: Int) throws {
        let plain = try frames(Self.capture, .own)
        let packed = pack(Self.capture, kind)
        for backend in Self.backends {
            let pipe = Pipe(packed, piece: piece)
            let reading = try Reading([pipe.path], backend: backend)
            #expect(reading.frames == plain.frames)
            #expect(reading.problems.isEmpty)
            #expect(reading.bytes == Int64(packed.count))
        }
    }

    @Test(arguments: backends)
    func `a plain pipe is read by any engine`(backend: CaptureReader.Backend) throws {
        let pipe = Pipe(Self.capture, piece: 3)
        #expect(try Reading([pipe.path], backend: backend).frames.count == 10)
    }

    @Test(arguments: kinds, backends)
    func `members and frames may follow each other`(
        kind: Compression, backend: CaptureReader.Backend
    ) throws {
        let plain = try frames(Self.capture, .own)
        for cut in [0, 1, 24, 100, 300] {
            let halves = [Array(Self.capture.prefix(cut)), Array(Self.capture.dropFirst(cut))]
            let packed = halves.flatMap { pack($0, kind) }
            let reading = try frames(packed, backend)
            #expect(reading.frames == plain.frames)
            #expect(reading.problems.isEmpty)
        }
    }

    /// Longer and shorter than all buffers, and across their ends.
    @Test(arguments: [10, 60_000, 150_000, 250_000, 700_000])
    func `frames of any size are unpacked, from a file and from a pipe`(size: Int) throws {
        var random = SplitMix64(seed: 6)
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...UInt32(size < 100 ? 30 : 1_200) {
            file.record(second, 0, random.bytes(1_400))
        }
        let plain = try frames(file.bytes, .own)
        let packed = stride(from: 0, to: file.bytes.count, by: size).flatMap { start in
            pack(Array(file.bytes[start..<min(start + size, file.bytes.count)]), .zstandard)
        }
        #expect(try frames(packed, .own).frames == plain.frames)
        let pipe = Pipe(packed, piece: 50_000)
        let reading = try Reading([pipe.path], backend: .own)
        #expect(reading.frames == plain.frames)
        #expect(reading.problems.isEmpty)
    }

    @Test func `zeros may follow gzip, skippable frames may come before zstd`() throws {
        let zeros = pack(Self.capture, .gzip) + [UInt8](repeating: 0, count: 1_000)
        let skippable: [UInt8] = [0x5e, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
        for bytes in [zeros, skippable + pack(Self.capture, .zstandard)] {
            let reading = try frames(bytes, .own)
            #expect(reading.frames.count == 10)
            #expect(reading.problems.isEmpty)
        }
    }

    @Test(arguments: kinds)
    func `a packed file cut at any byte gives the frames before the cut`(kind: Compression) throws {
        let plain = try frames(Self.capture, .own)
        let packed = pack(Self.capture, kind)
        var most = 0
        for length in 4..<packed.count {
            let own = try frames(Array(packed.prefix(length)), .own)
            let reference = try frames(Array(packed.prefix(length)), .libpcap)
            #expect(own.frames.elementsEqual(plain.frames.prefix(own.frames.count)))
            #expect(own.frames == reference.frames, "\(length) bytes")
            #expect(own.fileError == .packed(kind, .cut))
            #expect(own.offset == Int64(length))
            #expect(reference.fileError == own.fileError)
            most = max(most, own.frames.count)
        }
        #expect(most >= 9)
    }

    @Test(arguments: kinds)
    func `a packed file with any byte damaged is read to the damage`(kind: Compression) throws {
        let packed = pack(Self.capture, kind)
        for index in 4..<packed.count {
            for damage: UInt8 in [0x01, 0x80, 0xff] {
                var damaged = packed
                damaged[index] ^= damage
                let own = try frames(damaged, .own)
                let reference = try frames(damaged, .libpcap)
                #expect(own.frames == reference.frames, "byte \(index) ^ \(damage)")
                #expect(own.problems.isEmpty == reference.problems.isEmpty)
            }
        }
    }

    /// What is read before damage depends on the bytes, and not on the pieces in which they come.
    private func expectSameReading(
        _ packed: [UInt8], atLeast count: Int, pieces: [Int] = [4, 7, 5_000]
    ) throws {
        let own = try frames(packed, .own)
        #expect(own.frames.count >= count)
        #expect(!own.problems.isEmpty)
        var others = [try frames(packed, .libpcap)]
        for piece in pieces {
            let pipe = Pipe(packed, piece: piece)
            others.append(try Reading([pipe.path], backend: .own))
        }
        for other in others {
            #expect(other.frames == own.frames)
            // What is unpacked of damaged data may be no capture: each engine has words of its own for that.
            #expect(other.problems.isEmpty == own.problems.isEmpty)
            if case .packed = own.fileError { #expect(other.fileError == own.fileError) }
        }
    }

    @Test(arguments: kinds)
    func `damage behind many blocks leaves what is before it`(kind: Compression) throws {
        var random = SplitMix64(seed: 8)
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...600 {
            file.record(second, 0, random.bytes(60) + [UInt8](repeating: 7, count: 1_000))
        }
        let packed = pack(file.bytes, kind)
        for index in [packed.count / 2, packed.count * 3 / 4, packed.count - 9] {
            var damaged = packed
            for place in index..<index + 8 { damaged[place] = ~damaged[place] }
            try expectSameReading(damaged, atLeast: 100)
        }
    }

    /// RFC 8878, section 3.1.1.2: a block's header, with its type, and what follows it.
    private func zstandardBlock(
        _ type: Int, size: Int, _ bytes: some Sequence<UInt8>, isLast: Bool = false
    ) -> [UInt8] {
        let header = size << 3 | type << 1 | (isLast ? 1 : 0)
        return [0, 8, 16].map { UInt8(truncatingIfNeeded: header >> $0) } + bytes
    }

    /// A block unpacks to more than a reader has room for; what is still held when the next one is damaged is given all the
    /// same. Blocks that are not compressed, and one of the reserved type.
    @Test(arguments: [65_520, 66_000, 131_072])
    func `damage behind a block that is larger than the room leaves all of it`(size: Int) throws {
        let window: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40]
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...1_100 {
            file.record(second, 0, [UInt8](repeating: 7, count: 500))
        }
        for count in [1, 3] {
            var packed = window
            for number in 0..<count {
                packed += zstandardBlock(
                    0, size: size, file.bytes.dropFirst(number * size).prefix(size))
            }
            packed += zstandardBlock(3, size: 5, [1, 2, 3, 4, 5])
            try expectSameReading(packed, atLeast: (count * size - 24) / 516, pieces: [5_000])
        }
    }

    /// RFC 8878, section 3.1.1: a frame header with a window and a content size, and blocks that are not compressed.
    @Test func `a frame of another size than it says leaves what is in it`() throws {
        func block(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
            zstandardBlock(0, size: bytes.count, bytes, isLast: isLast)
        }
        let (front, back) = (Self.capture.prefix(500), Self.capture.dropFirst(500))
        for said in [0x10, 0x40, 0xff] as [UInt8] {
            let header: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x40, 0x40, said, said]
            let packed = header + block(front, isLast: false) + block(back, isLast: true)
            try expectSameReading(packed, atLeast: 4)
            // An empty block ends it, whatever it said.
            let ended = header + block([], isLast: true)
            try expectSameReading(ended + packed, atLeast: 4)
        }
    }

    @Test(arguments: kinds)
    func `what follows and does not belong is told`(kind: Compression) throws {
        let reading = try frames(pack(Self.capture, kind) + [1, 2, 3, 4, 5, 6, 7, 8], .own)
        #expect(reading.frames.count == 10)
        #expect(reading.fileError == .packed(kind, .trailing))
    }

    @Test func `the words tell the packed file's byte`() throws {
        let packed = pack(Self.capture, .gzip)
        let file = try TemporaryFile(Array(packed.prefix(500)))
        let reading = try Reading([file.path])
        let count = reading.frames.count
        #expect(
            reading.problems.map(\.description) == [
                "\(file.path): gzip data ends too early at byte 500: the \(count) frames before it are"
                    + " used: copy or capture the file again"
            ])
    }

    @Test func `a window beyond the limit is refused with a way out`() throws {
        // One empty block that wants a window of 256 MiB.
        let reading = try frames([0x28, 0xb5, 0x2f, 0xfd, 0, 0x90, 1, 0, 0], .own)
        #expect(reading.fileError == .packed(.zstandard, .window))
        #expect(reading.problems[0].description.contains("zstd -dc --long=31"))
    }

    @Test func `an empty packed file is empty`() throws {
        #expect(try frames(pack([], .gzip), .own).fileError == .empty)
        #expect(try frames(pack([], .zstandard), .own).fileError == .empty)
    }

    @Test func `packed twice is told`() throws {
        let twice = pack(pack(Self.capture, .gzip), .zstandard)
        #expect(try frames(twice, .own).fileError == .notCapture(.gzip))
    }

    @Test func `packed files merge with others by time`() throws {
        let path = sourceCaptures[0]
        let kept = try TemporaryFile(pack(try bytes(path), .gzip))
        let merged = try Reading([path, kept.path])
        let twice = try Reading([path, path])
        #expect(merged.frames == twice.frames)
    }
}
