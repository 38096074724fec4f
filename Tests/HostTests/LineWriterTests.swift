import Glibc
import Host
import Testing
import Wire

@Suite struct LineWriterTests {
    /// A pipe that breaks is told by its write.
    init() { signal(SIGPIPE, SIG_IGN) }

    /// A pipe, its reading end first.
    static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// Reads until the end of a pipe.
    static func read(_ descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count <= 0 { return all }
            all += chunk[..<count]
        }
    }

    @Test func `What is written arrives, in order`() throws {
        let (reader, writer) = try Self.pipe()
        let lines = LineWriter(descriptor: writer)
        for number in 0..<1000 { #expect(lines.add(Array("\(number)\n".utf8), lines: 1)) }
        lines.finish(within: 5_000_000_000)
        #expect(lines.status == LineWriter.Status())
        close(writer)
        let text = String(decoding: Self.read(reader), as: UTF8.self)
        #expect(text == (0..<1000).map { "\($0)\n" }.joined())
        close(reader)
    }

    @Test func `A reader that does not read costs lines, which are counted, and no time`() throws {
        let (reader, writer) = try Self.pipe()
        let lines = LineWriter(descriptor: writer, limit: 1 << 20)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1023) + [0x0a]
        var refused = 0
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<4096 where !lines.add(line, lines: 1) { refused += 1 }
            lines.finish(within: 10_000_000)
        }
        #expect(time < .seconds(2))
        #expect(refused > 2048, "a mebibyte and a pipe's buffer are there, not four")
        let lost = lines.status.lostLines
        #expect(lost > 0)
        // The pipe holds 16 pages; the line that is being written may be cut.
        #expect(lost + UInt64(refused) + 64 >= 4096 - 1)
        // Both ends stay open: the writer's thread still waits there.
        _ = reader
    }

    @Test func `A pipe that breaks is said`() throws {
        let (reader, writer) = try Self.pipe()
        close(reader)
        let lines = LineWriter(descriptor: writer)
        #expect(lines.add([0x0a], lines: 1))
        lines.finish(within: 5_000_000_000)
        #expect(!lines.status.hasReader)
        #expect(lines.status.lostLines == 1)
        close(writer)
    }
}
