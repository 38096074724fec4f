import Capture
import Testing

@Suite struct MergeTests {
    /// A classic file with a frame at each of the seconds; each frame is its file's letter.
    private func file(_ letter: UInt8, _ seconds: [UInt32]) throws -> TemporaryFile {
        var file = CaptureBytes.classic()
        for second in seconds { file.record(second, 0, [letter]) }
        return try TemporaryFile(file)
    }

    private func seconds(_ reading: Reading) -> [Int64] { reading.times.map { $0 / 1_000_000_000 } }

    @Test(arguments: CaptureReader.Backend.allCases)
    func `several files are one time line, equal times by the order of the list`(
        backend: CaptureReader.Backend
    ) throws {
        let files = [
            try file(0, [3, 5, 9]), try file(1, [1, 3, 3, 10]), try file(2, []),
            try file(3, [2, 5, 11]),
        ]
        let reading = try withExtendedLifetime(files) {
            try Reading(files.map(\.path), backend: backend)
        }
        #expect(seconds(reading) == [1, 2, 3, 3, 3, 5, 5, 9, 10, 11])
        #expect(reading.frames.map(\.file) == [1, 3, 0, 1, 1, 0, 3, 0, 1, 3])
        #expect(reading.frames.map { UInt16($0.bytes[0]) } == reading.frames.map(\.file))
        #expect(reading.frames.map(\.number) == [1, 1, 1, 2, 3, 2, 2, 3, 4, 3])
        #expect(reading.summaries.map(\.frames) == [3, 4, 0, 3])
        #expect(reading.read == 10)
        #expect(reading.problems.isEmpty)
    }

    @Test func `formats mix`() throws {
        var blocks = CaptureBytes.section(.big)
        blocks.interface()
        for second: UInt64 in [2, 4, 6] { blocks.packet(second * 1_000_000, [9]) }
        let files = [try file(1, [1, 3, 5, 7]), try TemporaryFile(blocks)]
        for backend in CaptureReader.Backend.allCases {
            let reading = try Reading(files.map(\.path), backend: backend)
            #expect(seconds(reading) == [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test func `frames of one file keep their order whatever their times`() throws {
        let files = [try file(0, [5, 2, 9, 1]), try file(1, [4, 6])]
        let reading = try withExtendedLifetime(files) { try Reading(files.map(\.path)) }
        #expect(seconds(reading) == [4, 5, 2, 6, 9, 1])
    }

    @Test func `the same file twice gives each frame twice`() throws {
        let path = try #require(sourceCaptures.first)
        let once = try Reading([path])
        let twice = try Reading([path, path])
        #expect(twice.frames.count == 2 * once.frames.count)
        #expect(twice.frames.filter { $0.file == 0 } == once.frames)
    }

    @Test(arguments: CaptureReader.Backend.allCases)
    func `hundreds of files are merged, with a trouble in the middle of one`(
        backend: CaptureReader.Backend
    ) throws {
        var files: [TemporaryFile] = []
        for index: UInt32 in 0..<300 {
            // Each overlaps with the next.
            files.append(
                try file(UInt8(index % 251), [index * 10, index * 10 + 5, index * 10 + 12]))
        }
        var cut = CaptureBytes.classic()
        cut.record(1_501, 0, [1])
        cut.record(1_502, 0, [2])
        files.insert(try TemporaryFile(cut.bytes.dropLast()), at: 7)
        let reading = try Reading(files.reversed().map(\.path), backend: backend)
        #expect(reading.frames.count == 901)
        #expect(reading.times == reading.times.sorted())
        #expect(reading.problems.count == 1)
        #expect(reading.problems[0].file == files[7].path)
        #expect(reading.summaries.allSatisfy { $0.frames == 3 || $0.path == files[7].path })
        #expect(reading.summaries.allSatisfy { $0.bytesRead == $0.size })
    }

    @Test func `no files give no frames`() throws {
        #expect(try Reading([]).frames.isEmpty)
        #expect(try Reading([]).totalBytes == 0)
    }
}
