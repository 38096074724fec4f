import Capture
import Foundation
import Testing

/// What goes wrong with files, and what the user reads about it.
@Suite struct FileErrorTests {
    private static let record = [UInt8](repeating: 7, count: 60)

    private static var classic: CaptureBytes {
        var file = CaptureBytes.classic()
        for second: UInt32 in 1...3 { file.record(second, 0, record) }
        return file
    }

    private static var pcapng: CaptureBytes {
        var file = CaptureBytes.section()
        file.interface()
        for second: UInt64 in 1...3 { file.packet(second * 1_000_000, record) }
        return file
    }

    @Test func `a file cut in a record's header gives the frames before it, and the place`() throws
    {
        let file = CaptureBytes(raw: Self.classic.bytes.prefix(24 + 2 * 76 + 10))
        let reading = try Reading(file)
        #expect(reading.frames.count == 2)
        #expect(reading.fileError == .cut(.recordHeader, missing: 6))
        #expect(reading.offset == 176)
    }

    @Test func `a file cut in a record's bytes gives the frames before it, and the place`() throws {
        let file = try TemporaryFile(Array(Self.classic.bytes.dropLast(20)))
        let reading = try Reading([file.path])
        #expect(reading.frames.count == 2)
        #expect(reading.fileError == .cut(.record, missing: 20))
        #expect(
            reading.problems.map(\.description) == [
                "\(file.path): cut in the middle of record 3 at byte 176, 20 bytes are missing:"
                    + " the 2 frames before it are used: copy or capture the file again"
            ])
    }

    @Test(arguments: [(1, 23), (20, 4)])
    func `a file cut in its header gives nothing`(missing: Int, length: Int) throws {
        let reading = try Reading(CaptureBytes(raw: Self.classic.bytes.prefix(length)))
        #expect(reading.frames.isEmpty)
        #expect(reading.fileError == .cut(.fileHeader, missing: Int64(missing)))
        #expect(reading.offset == 0)
        let block = try Reading(CaptureBytes(raw: Self.pcapng.bytes.prefix(length)))
        #expect(block.fileError == .cut(.fileHeader, missing: 28 - Int64(length)))
    }

    @Test func `an absurd captured length ends the file`() throws {
        var file = Self.classic
        file.record(4, 0, [], captured: 0xffff_ffff)
        file.record(5, 0, Self.record)
        let reading = try Reading(file)
        #expect(reading.frames.count == 3)
        #expect(reading.fileError == .capturedLength(0xffff_ffff, limit: 65_535))
        #expect(reading.offset == 252)
        #expect(reading.problems[0].description.contains("record 4 at byte 252 claims 4294967295"))
    }

    @Test func `a block cut short gives the packets before it, and the place`() throws {
        let reading = try Reading(CaptureBytes(raw: Self.pcapng.bytes.dropLast(1)))
        #expect(reading.frames.count == 2)
        #expect(reading.fileError == .cut(.block, missing: 1))
        #expect(reading.offset == 232)
    }

    @Test(arguments: damages)
    func `a damaged block ends the file with its reason and place`(damage: Damage) throws {
        var file = Self.pcapng
        damage.make(&file)
        file.packet(9, [9])
        let reading = try Reading(file)
        #expect(reading.frames.count == 3)
        #expect(reading.fileError == damage.fileError)
        #expect(reading.offset == Int64(Self.pcapng.bytes.count))
        #expect(reading.problems[0].description.contains("the 3 frames before it are used"))
    }

    @Test func `a section without a byte order ends the file`() throws {
        var file = Self.pcapng
        file.block(0x0a0d_0d0a) { $0.append(UInt64(0)) }
        #expect(try Reading(file).fileError == .byteOrder(0))
        var first = CaptureBytes()
        first.block(0x0a0d_0d0a) { $0.append(UInt64(0)) }
        #expect(try Reading(first).fileError == .notCapture(.damagedPcapng))
    }

    @Test(arguments: strangers)
    func `a file that is no capture is told by its first bytes`(
        bytes: [UInt8], fileError: FileError
    ) throws {
        let file = try TemporaryFile(bytes)
        for backend: CaptureReader.Backend in [.own, .automatic] {
            let reading = try Reading([file.path], backend: backend)
            #expect(reading.frames.isEmpty)
            #expect(reading.fileError == fileError)
            #expect(reading.problems[0].description.hasPrefix(file.path + ": "))
        }
        #expect(try Reading([file.path], backend: .libpcap).problems.count == 1)
    }

    @Test(arguments: CaptureReader.Backend.allCases)
    func `missing files and directories are problems, and the other files are read`(
        backend: CaptureReader.Backend
    ) throws {
        let good = try TemporaryFile(Self.classic)
        let missing = good.path + "-missing"
        let reading = try Reading([missing, "/", good.path], backend: backend)
        #expect(reading.frames.count == 3)
        #expect(reading.frames.allSatisfy { $0.file == 2 })
        #expect(
            reading.problems.map(\.description) == [
                "\(missing): no such file: check the path",
                "/: is a directory: name the capture files in it",
            ])
        #expect(reading.totalBytes == Int64(Self.classic.bytes.count))
    }

    @Test func `a file that may not be read is told`() throws {
        let error = CaptureError.file(
            "a", offset: nil, frames: 0, .cannotOpen(errorNumber: EACCES))
        #expect(
            error.description
                == "a: permission denied: make the file readable, or run as its owner")
    }

    @Test func `a claim of 16 MiB in a small file takes no such memory`() throws {
        var file = Self.pcapng
        file.append(UInt32(4))
        file.append(UInt32(16 << 20))
        file.append(bytes: [UInt8](repeating: 0, count: 100))
        let reading = try Reading(file)
        #expect(reading.frames.count == 3)
        #expect(reading.fileError == .cut(.block, missing: (16 << 20) - 108))
    }
}
