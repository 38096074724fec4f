import Foundation
import TestKit
import Testing
import Wire

/// Captures may give any 64-bit time: no command stops at one, and none takes forever.
struct AbsurdTimesTests {
    /// Frames of one connection at times before and after 1970, as pcapng with an offset of the interface's clock.
    private static func capture(_ times: [Int64]) -> [UInt8] {
        let talk = Conversation()
        talk.open()
        talk.client.send(10)
        talk.server.ack()
        talk.client.fin()
        talk.server.ack()
        var file = PcapngWriter()
        // Per interface: nanoseconds (option 9), and the offset in seconds (option 14).
        for time in times {
            var offset: [UInt8] = []
            offset.append(littleEndian: time / 1_000_000_000 - (time % 1_000_000_000 < 0 ? 1 : 0))
            file.appendBlock(
                1,
                [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0] + offset
                    + [0, 0, 0, 0])
        }
        for (index, frame) in talk.frames.enumerated() {
            let interface = index % times.count
            let time = times[interface]
            let fraction = (time % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
            var body: [UInt8] = []
            body.append(littleEndian: UInt32(interface))
            body.append(littleEndian: UInt32(0))
            body.append(littleEndian: UInt32(fraction))
            body.append(littleEndian: UInt32(frame.bytes.count))
            body.append(littleEndian: UInt32(frame.bytes.count))
            body += frame.bytes + [UInt8](repeating: 0, count: (4 - frame.bytes.count % 4) % 4)
            file.appendBlock(6, body)
        }
        return file.bytes
    }

    static let times: [[Int64]] = [
        [-9_223_372_036_000_000_000, 9_223_372_036_000_000_000], [.min + 1_000_000_000, 0],
        [0, .max - 1_000_000_000], [-1_000_000_000, 1], [-9_223_372_036_854_775_807, 1],
    ]

    @Test(arguments: times)
    func `Every command reads them to the end`(_ times: [Int64]) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("absurd.pcapng").path
        try Data(Self.capture(times)).write(to: URL(fileURLWithPath: file))
        for command in [
            ["report", "--json"], ["report", "--all"], ["transitions", "--json"], ["connections"],
            ["explain", "--stream", "0"], ["netstat", "-o"], ["netstat", "--histogram"],
            ["netstat", "--ss", "-o", "--at", "+1s"],
        ] {
            let outcome = try Tool.run(Tool.path, [command[0], file] + command.dropFirst())
            #expect(outcome.code == 0, "\(command): \(outcome.errors)")
            #expect(!outcome.output.isEmpty, "\(command)")
        }
        let histogram = try Tool.run(Tool.path, ["netstat", file, "--histogram", "--json"])
        #expect(histogram.lines.count <= 100_001)
    }
}
