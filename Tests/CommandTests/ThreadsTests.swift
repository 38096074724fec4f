import Foundation
import TestKit
import Testing
import Wire

/// Contract 3: the same input gives the same output, whatever the number of threads.
struct ThreadsTests {
    @Test(arguments: Tool.captures, ["report", "connections", "transitions"])
    func `Three threads print what one prints`(_ capture: String, _ command: String) throws {
        let path = Tool.capture(capture)
        for format in [[], ["--json"]] {
            let arguments = [command, path] + format
            let one = try Tool.run(Tool.path, arguments + ["--threads", "1"])
            let three = try Tool.run(Tool.path, arguments + ["--threads", "3"])
            #expect(one.output == three.output)
            #expect(one.errors == three.errors)
            #expect(one.code == three.code)
        }
    }

    /// Enough frames to fill every buffer between reading and tracking several times.
    @Test(arguments: [
        "whole", "whole --engine libpcap", "whole.gz", "odd even", "whole -- tcp port 443",
    ])
    func `A long capture is the same for two threads and five`(_ files: String) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let frames = Self.frames()
        #expect(frames.count > 30_000)
        func write(_ name: String, where isWritten: (Int) -> Bool) throws {
            var writer = PcapWriter()
            for (index, frame) in frames.enumerated() where isWritten(index) {
                writer.append(frame.bytes, at: frame.time)
            }
            try Data(writer.bytes).write(to: folder.appendingPathComponent(name))
        }
        try write("whole") { _ in true }
        try write("odd") { $0 % 2 == 1 }
        try write("even") { $0 % 2 == 0 }
        for command in ["report --json --all", "transitions --json"] {
            func run(_ threads: Int) throws -> Tool.Outcome {
                try Tool.bash(
                    """
                    cd '\(folder.path)' && gzip -kf whole &&
                    "$WIRESTATE" \(command) --threads \(threads) \(files)
                    """)
            }
            let one = try run(1)
            #expect(one.code == 0)
            #expect(one.lines.count > 20)
            for threads in [2, 5] { #expect(try run(threads).output == one.output) }
        }
    }

    /// More attempts than are kept of a flood, whoever is asked for all.
    @Test func `All of a flood is the same for one thread and three`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = PcapWriter()
        for number in 0..<4_000 as Range<UInt32> {
            let talk = Conversation(
                clientAddress: Address(ipv4: 0x0a00_0000 + number), clientPort: 20_000,
                serverAddress: Address(ipv4: 0xc612_0001), serverPort: 443, clientISS: number,
                start: Timestamp(
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000_000))
            talk.client.syn()
            // What answers here and there shows that no filter left the answers out.
            if number % 20 == 0 {
                talk.server.synAck()
                talk.client.ack()
            }
            for frame in talk.frames { writer.append(frame.bytes, at: frame.time) }
        }
        let path = folder.appendingPathComponent("flood").path
        try Data(writer.bytes).write(to: URL(fileURLWithPath: path))
        func run(_ threads: String) throws -> Tool.Outcome {
            try Tool.run(
                Tool.path, ["report", "--json", "--all", path, "--threads", threads])
        }
        let one = try run("1")
        #expect(one.output.contains("syn-flood"))
        #expect(try run("3").output == one.output)
    }

    /// A router's "communication administratively prohibited", RFC 1812, section 5.2.7.1, that quotes an
    /// Ethernet frame's IPv4 header and eight bytes more.
    private static func unreachable(_ frame: [UInt8]) -> [UInt8] {
        let quoted = frame[14..<42]
        let header: [UInt8] = [
            0x45, 0, 0, UInt8(28 + quoted.count), 0, 0, 0, 0, 64, 1, 0, 0, 10, 9, 9, 9,
        ]
        return frame[..<14] + header + frame[26..<30] + [3, 13, 0, 0, 0, 0, 0, 0] + quoted
    }

    /// What many connections sent, by time: some are closed, some reset, some left half-closed or silent, some
    /// reported unreachable.
    private static func frames() -> [(bytes: [UInt8], time: Timestamp)] {
        var random = SplitMix64(seed: 11)
        var frames: [(bytes: [UInt8], time: Timestamp)] = []
        for number in 0..<2_000 {
            let talk = Conversation(
                clientAddress: Address(ipv4: 0x0a00_0000 + UInt32(number % 250)),
                clientPort: UInt16(20_000 + number),
                serverAddress: Address(ipv4: 0xc612_0000 + UInt32(number % 7)),
                serverPort: number % 3 == 0 ? 443 : 80,
                clientISS: .random(in: 0 ... .max, using: &random),
                serverISS: .random(in: 0 ... .max, using: &random),
                start: Timestamp(
                    nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 30_000_000))
            talk.client.syn()
            if number % 11 == 0 {
                talk.client.retransmit(after: .seconds(1))
                frames += talk.frames
                if number % 22 == 0, let syn = talk.frames.last {
                    frames.append((unreachable(syn.bytes), syn.time + 5_000_000))
                }
                continue
            }
            talk.server.synAck()
            talk.client.ack()
            for _ in 0..<Int.random(in: 3...9, using: &random) {
                talk.client.send(.random(in: 1...200, using: &random))
                talk.server.send(.random(in: 1...1400, using: &random), after: .milliseconds(40))
                talk.client.ack(after: .milliseconds(.random(in: 1...900, using: &random)))
            }
            switch number % 5 {
            case 0: talk.server.rst()
            case 1: break
            case 2:
                talk.client.fin()
                talk.server.ack()
            default:
                talk.client.fin()
                talk.server.fin()
                talk.client.ack()
            }
            frames += talk.frames
        }
        return frames.sorted { $0.time < $1.time }
    }
}
