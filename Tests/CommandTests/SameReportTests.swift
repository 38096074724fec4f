import Foundation
import TestKit
import Testing
import Wire

/// One capture, however it comes: the same report.
struct SameReportTests {
    private static let ways = [
        "whole --engine libpcap", "whole --threads 3", "whole.gz", "whole.pcapng",
        "half.0 half.1", "half.1 half.0 --threads 2", "- <whole", "- <whole.gz",
    ]

    /// The incident, written anew: whole, packed, as pcapng, in two halves.
    private static func write(to folder: URL) throws {
        let source = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: Tool.capture("close-wait-leak.pcap"))))
        func write(_ bytes: [UInt8], _ name: String) throws {
            try Data(bytes).write(to: folder.appendingPathComponent(name))
        }
        func word(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(source[offset + $1]) << (8 * $1) }
        }
        let unit = word(0) == 0xa1b2_3c4d ? 1 : 1_000
        var blocks = PcapngWriter()
        blocks.addInterface(LinkType(rawValue: UInt32(word(20))), decimals: 9)
        var starts: [Int] = []
        var offset = 24
        while offset + 16 <= source.count {
            starts.append(offset)
            let captured = word(offset + 8)
            let seconds = Int64(word(offset)) * 1_000_000_000
            blocks.append(
                Array(source[(offset + 16)..<(offset + 16 + captured)]),
                at: Timestamp(nanoseconds: seconds + Int64(word(offset + 4) * unit)),
                wireLength: word(offset + 12))
            offset += 16 + captured
        }
        let middle = starts[starts.count / 2]
        try write(source, "whole")
        try write(blocks.bytes, "whole.pcapng")
        try write(Array(source[..<middle]), "half.0")
        try write(Array(source[..<24] + source[middle...]), "half.1")
    }

    @Test(arguments: [
        "report --all", "report --json", "transitions", "transitions --json", "connections --json",
    ])
    func `Every way gives what the plain file gives`(command: String) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.write(to: folder)
        func run(_ way: String) throws -> [Substring] {
            let outcome = try Tool.bash(
                "cd '\(folder.path)' && gzip -kf whole && \"$WIRESTATE\" \(command) \(way)")
            #expect(outcome.code == 0)
            #expect(outcome.errors.isEmpty)
            // The names of the files, and that there are several, are what differs.
            return outcome.lines.compactMap { line in
                let isName =
                    line.hasPrefix("whole") || line.contains("half.") || line == "standard input"
                    || line.hasPrefix("Frame numbers continue")
                guard line.hasPrefix("{\"capture\":") else { return isName ? nil : line }
                return line.split(separator: "]", maxSplits: 1).last
            }
        }
        let expected = try run("whole")
        #expect(expected.count > 2)
        for way in Self.ways { #expect(try run(way) == expected, "\(way)") }
    }

    @Test func `Frames of files that overlap name their file`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, port) in [("a", 40_000), ("b", 40_001)] as [(String, UInt16)] {
            let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), port))
            talk.open()
            talk.client.fin()
            try Data(talk.pcap).write(to: folder.appendingPathComponent(name))
        }
        let outcome = try Tool.bash("cd '\(folder.path)' && \"$WIRESTATE\" transitions --json a b")
        let rows = try Tool.objects(outcome.output)
        #expect(Set(rows.compactMap { $0["file"] as? Int }) == [1, 2])
        #expect(rows.allSatisfy { ($0["frame"] as? Int ?? 0) <= 4 })
    }
}
