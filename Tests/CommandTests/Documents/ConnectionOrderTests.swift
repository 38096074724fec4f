import Foundation
import TCPState
import TestKit
import Testing
import Wire

/// `connections --order end`.
struct ConnectionOrderTests {
    /// One connection that is open all the time, and a hundred short ones after its handshake, a second apart.
    private static func capture() -> [UInt8] {
        func talk(_ number: Int) -> Conversation {
            Conversation(
                clientPort: UInt16(20_000 + number),
                start: Timestamp(
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000_000_000))
        }
        let long = talk(0)
        long.open()
        var frames: [(bytes: [UInt8], time: Timestamp)] = []
        for number in 1...100 {
            let short = talk(number)
            short.open()
            short.client.fin()
            short.server.fin()
            short.client.ack()
            frames += short.frames
        }
        // Longer than TIME-WAIT.
        long.wait(.seconds(1_000))
        long.client.send(10)
        var writer = PcapWriter()
        for frame in (frames + long.frames).sorted(by: { $0.time < $1.time }) {
            writer.append(frame.bytes, at: frame.time)
        }
        return writer.bytes
    }

    @Test func `A connection is listed when it ends`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("capture").path
        try Data(Self.capture()).write(to: URL(fileURLWithPath: path))
        func list(_ options: String...) throws -> [Substring] {
            let outcome = try Tool.run(Tool.path, ["connections", path] + options)
            #expect(outcome.code == 0)
            return outcome.lines.filter { !$0.isEmpty }
        }
        for format in ["text", "json", "csv"] {
            let started = try list("--format", format)
            let ended = try list("--format", format, "--order", "end")
            let heading = format == "json" ? 0 : 1
            #expect(started.count == 101 + heading)
            #expect(ended.prefix(heading) == started.prefix(heading))
            // The first to begin is the last to end.
            #expect(ended.dropFirst(heading) == started.dropFirst(heading + 1) + [started[heading]])
            #expect(try list("--format", format, "--order", "end", "--threads", "3") == ended)
        }
    }

    @Test func `What has to have all connections at hand is refused`() throws {
        for options in [["--follow"], ["--format", "zeek"], ["--checkpoint", "never"]] {
            let outcome = try Tool.run(
                Tool.path, ["connections", "--order", "end", "never"] + options)
            #expect(outcome.code == 64 || outcome.code == 2)
            #expect(outcome.errors.contains("--order end does not work with \(options[0])"))
        }
    }
}
