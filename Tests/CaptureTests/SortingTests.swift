import Capture
import Testing
import Wire

/// Frames whose times are true and whose places in the file are not: what `reordercap` mends.
@Suite struct SortingTests {
    /// A file whose frames have these times in milliseconds; each frame is its place in the file.
    private func file(_ milliseconds: [UInt32]) throws -> TemporaryFile {
        var file = CaptureBytes.classic()
        for (index, time) in milliseconds.enumerated() {
            file.record(time / 1_000, time % 1_000 * 1_000, [UInt8(truncatingIfNeeded: index)])
        }
        return try TemporaryFile(file)
    }

    private func read(
        _ files: [TemporaryFile], filter: String? = nil,
        backend: CaptureReader.Backend = .own, sorts: Bool = true
    ) throws -> (times: [Int64], numbers: [UInt64], bytes: [UInt8], sorted: UInt64) {
        var reader = try CaptureReader(
            files: files.map(\.path), filter: filter, backend: backend, sorts: sorts)
        var found: (times: [Int64], numbers: [UInt64], bytes: [UInt8], sorted: UInt64) =
            ([], [], [], 0)
        while let frame = reader.next() {
            found.times.append(frame.timestamp.nanoseconds / 1_000_000)
            found.numbers.append(frame.number)
            found.bytes.append(frame.bytes[0])
        }
        #expect(reader.framesRead == UInt64(found.times.count))
        found.sorted = reader.framesSorted
        return found
    }

    @Test(arguments: CaptureReader.Backend.allCases)
    func `bursts of two queues are put in order of time, under their own numbers`(
        backend: CaptureReader.Backend
    ) throws {
        let found = try read([try file([0, 20, 40, 10, 30, 50, 70, 60, 60])], backend: backend)
        #expect(found.times == [0, 10, 20, 30, 40, 50, 60, 60, 70])
        // Those of one time in the order of the file.
        #expect(found.numbers == [1, 4, 2, 5, 3, 6, 8, 9, 7])
        #expect(found.bytes == [0, 3, 1, 4, 2, 5, 7, 8, 6])
        #expect(found.sorted == 4)
    }

    @Test func `frames in order, or not to be sorted, stay where they are`() throws {
        let ordered = try read([try file([0, 10, 10, 20])])
        #expect(ordered.numbers == [1, 2, 3, 4] && ordered.sorted == 0)
        let asked = try read([try file([20, 0, 10])], sorts: false)
        #expect(asked.numbers == [1, 2, 3] && asked.sorted == 0)
        #expect(try read([try file([])]).times == [])
    }

    @Test func `a clock that is set back once makes no frame overtake another`() throws {
        let found = try read([try file([0, 300, 600, 350, 500, 700])])
        #expect(found.numbers == [1, 2, 3, 4, 5, 6] && found.sorted == 0)
        // One frame in a wrong place is no clock.
        #expect(try read([try file([0, 300, 290, 350])]).numbers == [1, 3, 2, 4])
    }

    /// Packets that a program made, with one time for all that an end sends.
    @Test func `frames whose times are those of earlier frames stay where they are`() throws {
        let found = try read([try file([10, 37, 10, 10, 37, 10, 37, 10])])
        #expect(found.numbers == [1, 2, 3, 4, 5, 6, 7, 8] && found.sorted == 0)
        // One time more that no frame has had tells of a clock.
        #expect(try read([try file([10, 37, 10, 37, 20])]).times == [10, 10, 20, 37, 37])
    }

    @Test func `a frame that is more than a second late comes when it is read`() throws {
        // Behind the frames that are held back at first.
        let ordered: [UInt32] = [1, 0] + (2..<4_200)
        let found = try read([try file(ordered + [6_000, 7_100, 5_000, 7_200])])
        #expect(found.times.prefix(3) == [0, 1, 2])
        #expect(found.times.suffix(4) == [6_000, 5_000, 7_100, 7_200])
        #expect(found.sorted == 1)
    }

    /// Far more frames than are held at once, in pairs that have changed places, of all sizes.
    @Test func `a long file is sorted to its end, and its bytes are those of the file`() throws {
        var capture = CaptureBytes.classic()
        let count: UInt32 = 30_000
        for index in 0..<count {
            let time = index ^ 1
            let bytes = [UInt8](
                repeating: UInt8(truncatingIfNeeded: time &* 31), count: Int(time % 700) + 1)
            capture.record(time / 10_000, time % 10_000 * 100, bytes)
        }
        let file = try TemporaryFile(capture)
        var reader = try CaptureReader(files: [file.path], sorts: true)
        var next: UInt32 = 0
        while let frame = reader.next() {
            #expect(frame.timestamp.nanoseconds == Int64(next) * 100_000)
            #expect(frame.number == UInt64(next ^ 1) + 1)
            #expect(frame.bytes.count == Int(next % 700) + 1)
            #expect(frame.bytes[frame.bytes.count - 1] == UInt8(truncatingIfNeeded: next &* 31))
            next += 1
        }
        #expect(next == count && reader.framesSorted == UInt64(count / 2))
    }

    @Test func `several files, and a filter, are sorted as one time line`() throws {
        let files = [try file([0, 40, 20]), try file([10, 50, 30])]
        let both = try withExtendedLifetime(files) { try read(files) }
        #expect(both.times == [0, 10, 20, 30, 40, 50])
        let filtered = try withExtendedLifetime(files) { try read(files, filter: "less 100") }
        #expect(filtered.times == both.times)
    }
}
