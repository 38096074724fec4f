import Capture
import Foundation
import Testing

/// Pipes, which give bytes when and as they like.
@Suite struct StreamTests {
    @Test(arguments: [1, 7, 4_096, 1 << 20])
    func `a pipe gives the frames of the file, in whatever pieces it comes`(piece: Int) throws {
        for path in sourceCaptures where path.contains("half-") || path.contains("refused") {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            let pipe = Pipe(bytes, piece: piece)
            let reading = try Reading([pipe.path])
            #expect(reading.frames == (try Reading([path])).frames)
            #expect(reading.problems.isEmpty)
            #expect(reading.totalBytes == nil)
            #expect(reading.bytes == Int64(bytes.count))
        }
    }

    @Test func `a pipe that is cut is told like a file`() throws {
        var file = CaptureBytes.classic()
        file.record(1, 0, [1, 2, 3])
        file.record(2, 0, [1, 2, 3])
        let pipe = Pipe(file.bytes.dropLast(), piece: 5)
        let reading = try Reading([pipe.path])
        #expect(reading.frames.count == 1)
        #expect(reading.fileError == .cut(.record, missing: 1))
        #expect(reading.offset == 43)
    }

    @Test func `records larger than the buffer are read whole`() throws {
        var file = CaptureBytes.classic(linkType: 231)
        file.record(1, 0, [UInt8](repeating: 1, count: 100_000))
        file.record(2, 0, [UInt8](repeating: 2, count: 5_000_000), wire: 6_000_000)
        file.record(3, 0, [3])
        var large = CaptureBytes.classic(snapshotLength: 0, linkType: 231)
        large.append(bytes: Array(file.bytes.dropFirst(24)))
        for path in [try TemporaryFile(large)] {
            let reading = try Reading([path.path])
            #expect(reading.problems.isEmpty)
            #expect(reading.frames.map(\.bytes.count) == [100_000, 5_000_000, 1])
            #expect(reading.frames[1].bytes.allSatisfy { $0 == 2 })
            let reference = try Reading([path.path], backend: .libpcap)
            #expect(reading.frames == reference.frames)
            let pipe = Pipe(large.bytes, piece: 30_000)
            #expect(try Reading([pipe.path]).frames == reference.frames)
        }
    }
}
