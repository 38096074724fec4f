import Capture
import Foundation
import Testing

/// Files that still grow.
@Suite struct FollowTests {
    private static var capture: [UInt8] {
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...3 { file.record(second, 0, [1, 2, 3]) }
        return file.bytes
    }

    /// Reads `parts`, of which the reader finds the first; each of the others is written when it has
    /// come to the end.
    private func follow(
        _ parts: [[UInt8]], _ backend: CaptureReader.Backend = .automatic
    ) throws -> (frames: Int, problems: [CaptureError]) {
        let file = try TemporaryFile(parts[0])
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        var rest = parts.dropFirst()
        var reader = try CaptureReader(
            files: [file.path], backend: backend,
            follow: CaptureReader.Follow(includesFiles: true) {
                guard let part = rest.popFirst() else { return false }
                handle.seekToEndOfFile()
                handle.write(Data(part))
                return true
            })
        var frames = 0
        while reader.next() != nil { frames += 1 }
        return (frames, reader.problems)
    }

    @Test(arguments: [0, 1, 3, 4, 23, 24, 30, 40, 43, 60, 81])
    func `what is written later is read`(cut: Int) throws {
        let parts = [Array(Self.capture.prefix(cut)), Array(Self.capture.dropFirst(cut))]
        for backend: CaptureReader.Backend in [.own, .automatic, .libpcap] {
            let outcome = try follow(parts, backend)
            #expect(outcome.frames == 3)
            #expect(outcome.problems.isEmpty)
        }
    }

    @Test func `a packed file may grow too`() throws {
        let packed = pack(Self.capture, .gzip)
        for cut in [0, 2, 10, 30, packed.count - 4] {
            let outcome = try follow([Array(packed.prefix(cut)), Array(packed.dropFirst(cut))])
            #expect(outcome.frames == 3)
            #expect(outcome.problems.isEmpty)
        }
    }

    @Test func `a record that is not whole when following ends is no trouble`() throws {
        let outcome = try follow([Array(Self.capture.prefix(50))])
        #expect(outcome.frames == 1)
        #expect(outcome.problems.isEmpty)
    }

    @Test func `damage is trouble all the same`() throws {
        let damage = [UInt8](repeating: 0xff, count: 16)
        let outcome = try follow([Self.capture, damage])
        #expect(outcome.frames == 3)
        #expect(outcome.problems.count == 1)
    }
}
