import Foundation
import Testing
import Wire

@testable import Capture

/// Frames that stay when their reader goes on, and bytes that threads have read before their turn.
@Suite struct FrameBlockTests {
    /// Frame n has its number in its first four bytes, and in the others bytes that depend on it.
    private static func frame(_ number: Int, _ length: Int) -> [UInt8] {
        let first = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        return first + (4..<max(4, length)).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    /// A file in a format with frames of these lengths.
    private static func file(_ lengths: [Int], _ kind: Kind) throws -> TemporaryFile {
        var file: CaptureBytes
        switch kind {
        case .classic, .gzip: file = .classic(snapshotLength: 262_144)
        case .bigEndian: file = .classic(.big, snapshotLength: 262_144)
        case .blocks:
            file = .section()
            file.interface(snapshotLength: 262_144)
        }
        for (number, length) in lengths.enumerated() {
            let bytes = frame(number, length)
            if kind == .blocks {
                file.packet(UInt64(number), bytes)
            } else {
                file.record(UInt32(number), 0, bytes)
            }
        }
        return try TemporaryFile(kind == .gzip ? pack(file.bytes, .gzip) : file.bytes)
    }

    enum Kind: CaseIterable { case classic, bigEndian, blocks, gzip }

    private static let frameCount = 3_000
    /// Small frames, frames as long as a record's usual limit, and some that are longer than a buffer.
    private static let lengths: [Int] = (0..<frameCount).map { number in
        switch number % 1_000 {
        case 998: 200_000
        case 999: 66_000
        case let rest where rest % 7 == 0: 1_500
        case let rest: 54 + rest % 40
        }
    }

    /// Reads blocks in turn, as several threads would, or without reading ahead for 0 threads, and looks at no frame before all are filled.
    private func blocks(
        _ reader: inout CaptureReader, threads: Int, capacity: Int = 1_000,
        _ lengths: [Int] = lengths
    ) -> (numbers: [UInt64], sizes: [Int], wrong: Int, refused: Int) {
        reader.keepFrames(readingAhead: threads > 0)
        var found: (numbers: [UInt64], sizes: [Int], wrong: Int, refused: Int) = ([], [], 0, 0)
        let threads = max(1, threads)
        let pieces = (0..<threads).map { _ in Piece() }
        var blocks: [Block] = []
        var thread = 0
        var isOver = false
        while !isOver {
            // They all read ahead before one asks whether it is its turn.
            for piece in pieces { piece.piece.read() }
            let block = Block(capacity)
            guard block.frames.begin(&reader, &pieces[thread].piece) else {
                found.refused += 1
                thread = (thread + 1) % threads
                continue
            }
            block.frames.appendPlainFrames(of: &reader)
            while !block.frames.isFull(reader) {
                guard let frame = reader.next() else { break }
                block.frames.append(frame)
            }
            block.frames.end(&reader, &pieces[thread].piece)
            isOver = block.frames.count == 0
            blocks.append(block)
            // Not always the one whose turn it is.
            thread = (thread + 1 + blocks.count % 2) % threads
        }
        found.sizes = blocks.map { $0.frames.count }
        for block in blocks { check(block.frames, lengths, &found.numbers, &found.wrong) }
        return found
    }

    private func check(
        _ frames: borrowing FrameBlock, _ lengths: [Int], _ numbers: inout [UInt64],
        _ wrong: inout Int
    ) {
        for index in 0..<frames.count {
            let frame = frames[index]
            numbers.append(frame.number)
            let number = Int(frame.number) - 1
            let expected = Self.frame(number, lengths[number])
            var isSame = frame.bytes.count == expected.count
            for place in 0..<min(expected.count, frame.bytes.count)
            where frame.bytes[place] != expected[place] {
                isSame = false
            }
            if !isSame || frame.wireLength != expected.count { wrong += 1 }
        }
    }

    private final class Block {
        var frames: FrameBlock
        init(_ capacity: Int) { frames = FrameBlock(capacity: capacity) }
    }

    private final class Piece {
        var piece = FilePiece()
    }

    @Test(arguments: Kind.allCases, [1, 2, 3])
    func `frames stay as they are while the reader goes on, for any number of threads`(
        _ kind: Kind, threads: Int
    ) throws {
        let file = try Self.file(Self.lengths, kind)
        var reader = try CaptureReader(files: [file.path])
        let found = blocks(&reader, threads: threads)
        #expect(found.numbers == Array(1...UInt64(Self.frameCount)))
        #expect(found.wrong == 0)
        #expect(reader.problems.isEmpty)
        // What is read ahead is one thread's.
        #expect((found.refused > 0) == (threads > 1 && kind != .gzip))
    }

    @Test(arguments: Kind.allCases) func `without reading ahead all blocks are full`(
        _ kind: Kind
    ) throws {
        let file = try Self.file(Self.lengths, kind)
        var reader = try CaptureReader(files: [file.path])
        let found = blocks(&reader, threads: 0, capacity: 400)
        #expect(found.sizes == Array(repeating: 400, count: 7) + [200, 0])
        #expect(found.numbers == Array(1...UInt64(Self.frameCount)) && found.wrong == 0)
    }

    /// So that the work of taking turns is spread over as many frames, whatever their length.
    @Test(arguments: [1, 2], [1_000, 9_000]) func `pieces of long frames are longer`(
        threads: Int, length: Int
    ) throws {
        let count = 3_000_000 / length
        let lengths = Array(repeating: length, count: count)
        let file = try Self.file(lengths, .classic)
        var reader = try CaptureReader(files: [file.path])
        let found = blocks(&reader, threads: threads, lengths)
        #expect(found.numbers == Array(1...UInt64(count)) && found.wrong == 0)
        // The first ones are read before a frame is.
        let usual = min(512, (512 << 10) / (length + 16))
        #expect(found.sizes[0] < usual / 4)
        #expect(found.sizes.count { abs($0 - usual) <= usual / 10 } >= 3, "\(found.sizes)")
    }

    private static func appendNext(
        of reader: inout CaptureReader, to block: inout FrameBlock
    ) -> Bool {
        guard let frame = reader.next() else { return false }
        block.append(frame)
        return true
    }

    /// Bytes of memory that one block's frames keep at the end, and how often they had to be looked at before.
    private func kept(
        _ reader: inout CaptureReader, readingAhead: Bool
    ) -> (frames: Int, bytes: Int, drops: Int) {
        reader.keepFrames(readingAhead: readingAhead)
        var block = FrameBlock(capacity: 1_000)
        var piece = FilePiece()
        var drops = 0
        guard block.begin(&reader, &piece) else { return (0, 0, 0) }
        block.appendPlainFrames(of: &reader)
        while !block.isFull(reader), Self.appendNext(of: &reader, to: &block) {
            if reader.keepsMuch, !block.isFull(reader) {
                block.dropBytes(&reader)
                drops += 1
                let bytesLeft = block.bytes(block.count - 1).count
                #expect(bytesLeft == 0)
            }
        }
        let memory = reader.bufferMemory.takeRetired()
        defer { memory.forEach { $0.deallocate() } }
        return (block.count, memory.map(\.count).reduce(0, +), drops)
    }

    @Test(arguments: [Kind.classic, .blocks, .gzip], [true, false])
    func `frames that a filter skips keep no memory`(_ kind: Kind, readingAhead: Bool) throws {
        let file = try Self.file(Array(repeating: 1_500, count: 4_000), kind)
        var reader = try CaptureReader(files: [file.path], filter: "len != 1500")
        let kept = kept(&reader, readingAhead: readingAhead)
        #expect(kept.frames == 0 && reader.framesSkipped == 4_000)
        #expect(kept.bytes <= 256 << 10)
    }

    /// Six megabytes: read ahead, a block ends before; else its frames are looked at meanwhile.
    @Test(arguments: [Kind.classic, .blocks, .gzip])
    func `long frames of a block keep a bounded memory`(_ kind: Kind) throws {
        let file = try Self.file(Array(repeating: 60_000, count: 100), kind)
        for readingAhead in [true, false] {
            var reader = try CaptureReader(files: [file.path])
            let kept = kept(&reader, readingAhead: readingAhead)
            #expect(kept.bytes <= 2 << 20)
            #expect(readingAhead == (kept.frames < 100))
            #expect(readingAhead == (kept.drops == 0))
        }
    }

    @Test(arguments: [9_000, 50_000, 200_000])
    func `long frames are read ahead as well`(length: Int) throws {
        let count = 8_000_000 / length
        let lengths = Array(repeating: length, count: count)
        let file = try Self.file(lengths, .classic)
        var reader = try CaptureReader(files: [file.path])
        let found = blocks(&reader, threads: 2, lengths)
        #expect(found.numbers == Array(1...UInt64(count)) && found.wrong == 0)
        // What is read ahead is one thread's.
        #expect(found.refused > 2)
    }

    @Test func `a block takes no more than it has room for`() throws {
        let file = try Self.file(Self.lengths, .classic)
        var reader = try CaptureReader(files: [file.path])
        let found = blocks(&reader, threads: 2, capacity: 3)
        #expect(found.numbers == Array(1...UInt64(Self.frameCount)) && found.wrong == 0)
    }

    @Test(arguments: [1, 2]) func `a file that ends in a record loses no frame before it`(
        threads: Int
    ) throws {
        let whole = try Self.file(Self.lengths, .classic)
        var reader = try CaptureReader(files: [whole.path])
        while reader.next() != nil {}
        let size = Int(reader.bytesRead)
        // The records of the last 1,000 frames, of which two are long, begin before all of these.
        for missing in [1, 70_000, 131_072, 300_000] {
            let cut = try TemporaryFile(Array(try bytes(of: whole).prefix(size - missing)))
            var expected: UInt64 = 0
            var plain = try CaptureReader(files: [cut.path], backend: .libpcap)
            while plain.next() != nil { expected += 1 }
            var reader = try CaptureReader(files: [cut.path])
            let found = blocks(&reader, threads: threads)
            #expect(found.numbers.count == Int(expected) && found.wrong == 0)
            #expect(reader.problems.count == 1)
        }
    }

    @Test func `a file that grows while pieces of it are held is read to its new end`() throws {
        // The long record begins in the piece of one thread and ends behind that of the other, where the file ended.
        // The records before it are short: pieces are as small as they come.
        let lengths = Array(repeating: 100, count: 1_752) + [200_000] + [54, 54, 54]
        var file = CaptureBytes.classic(snapshotLength: 262_144)
        for (number, length) in lengths.enumerated() {
            file.record(UInt32(number), 0, [UInt8](repeating: 7, count: length))
        }
        let capture = try TemporaryFile(Array(file.bytes.prefix(270_000)))
        var reader = try CaptureReader(files: [capture.path])
        reader.keepFrames(readingAhead: true)
        var first = FilePiece()
        var second = FilePiece()
        var block = FrameBlock(capacity: 1_000)
        var count = 0
        var turns = 0
        func fill(_ piece: inout FilePiece) -> Bool {
            guard block.begin(&reader, &piece) else { return true }
            block.appendPlainFrames(of: &reader)
            while !block.isFull(reader) {
                guard let frame = reader.next() else { break }
                block.append(frame)
            }
            block.end(&reader, &piece)
            count += block.count
            return block.count > 0
        }
        // What was read when the file was opened, and the two pieces behind it.
        #expect(fill(&first) && fill(&first) && fill(&second))
        // Then the first thread has the piece with the long record, and the second one the file's last.
        first.read()
        second.read()
        let handle = try #require(FileHandle(forWritingAtPath: capture.path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(file.bytes.dropFirst(270_000)))
        while turns < 100 {
            first.read()
            second.read()
            let hasMore = turns % 2 == 0 ? fill(&first) : fill(&second)
            if !hasMore { break }
            turns += 1
        }
        #expect(count == lengths.count && turns < 100)
        #expect(reader.problems.isEmpty)
    }

    private func bytes(of file: TemporaryFile) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: file.path)))
    }
}
