import Foundation
import Testing

/// Parts that do not fit together, or are not whole: one clear line, exit code 3, and no result.
@Suite struct PartRefusalTests {
    private let shards: Shards
    private let files = [Tool.capture("incident.pcapng")]

    init() throws { shards = try Shards([files], count: 3) }

    private func expectRefusal(
        _ arguments: [String], _ words: String, of command: String = "merge"
    ) throws {
        let outcome = try Tool.run(Tool.path, [command] + arguments)
        #expect(outcome.code == 3)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    private func part(_ arguments: String...) throws -> String {
        let path = shards.path("other")
        let outcome = try Tool.run(
            Tool.path, ["part", "--out", path] + arguments + [shards.path("split-0")])
        #expect(outcome.code == 0, "\(outcome.errors)")
        return path
    }

    @Test func `a shard twice`() throws {
        try expectRefusal(shards.parts + [shards.parts[1]], "has shard 1, which")
    }

    @Test func `shards that are missing`() throws {
        try expectRefusal([shards.parts[1]], "2 of 3 shards missing: 0, 2")
    }

    @Test func `other timers`() throws {
        let other = try part("--shard", "2", "--stack", "rfc")
        try expectRefusal(shards.parts[..<2] + [other], "other timers")
    }

    @Test func `only some with transitions`() throws {
        let other = try part("--shard", "2", "--transitions")
        try expectRefusal(shards.parts[..<2] + [other], "--transitions")
        try expectRefusal(
            ["--print", "transitions"] + shards.parts, "made without --transitions")
    }

    @Test func `parts of other captures`() throws {
        let other = try Shards([[Tool.capture("close-wait-leak.pcap")]], count: 3)
        try expectRefusal(shards.parts[..<2] + [other.parts[2]], "other captures")
    }

    @Test func `a file of something else, and of another version`() throws {
        try expectRefusal(files, "not a part, manifest or checkpoint of wirestate")
        let path = shards.path("newer")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shards.parts[0])))
        let version = bytes[8]
        bytes[8] += 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try expectRefusal([path], "it has version \(version + 1), this program reads \(version)")
    }

    /// Every byte counts: the blocks have checksums, their heads are checked against what follows.
    @Test func `a damaged or cut part`() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shards.parts[0])))
        let path = shards.path("damaged")
        for offset in stride(from: 12, to: whole.count, by: max(1, whole.count / 40)) {
            var bytes = whole
            bytes[offset] ^= 0x11
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let outcome = try Tool.run(Tool.path, ["merge", path] + shards.parts[1...])
            #expect(outcome.code == 3, "byte \(offset)")
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            try Data(whole[..<offset]).write(to: URL(fileURLWithPath: path))
            let cut = try Tool.run(Tool.path, ["merge", path] + shards.parts[1...])
            #expect(cut.code == 3, "cut at \(offset)")
            #expect(cut.errorLines.count == 1)
        }
    }

    @Test func `folders in the wrong order`() throws {
        let later = try Shards([[Tool.capture("close-wait-leak.pcap")]], count: 3)
        let folders = [shards.path("split-0"), later.path("split-0")]
        let other = ["--shard", "0", "--out", shards.path("joined")]
        let both = [folders, folders.reversed()].map { ["part"] + other + $0 }
        let outcomes = try both.map { try Tool.run(Tool.path, $0) }
        #expect(outcomes.contains { $0.code == 3 && $0.errors.contains("in the order of time") })
    }

    /// Unlike a capture, of which what comes before the damage is used.
    @Test func `a damaged, cut or missing shard`() throws {
        let arguments = ["--shard", "0", "--out", shards.path("new"), shards.path("split-0")]
        let shard = URL(fileURLWithPath: shards.path("split-0/shard-000.pcapng.zst"))
        let whole = try Data(contentsOf: shard)
        var flipped = whole
        flipped[whole.count / 2] ^= 0x40
        for bytes in [flipped, whole.prefix(whole.count / 2), whole.prefix(1), Data()] {
            try bytes.write(to: shard)
            let words = "shard-000.pcapng.zst: damaged: split the captures again"
            try expectRefusal(arguments, words, of: "part")
        }
        try FileManager.default.removeItem(at: shard)
        try expectRefusal(arguments, "shard-000.pcapng.zst: no such file", of: "part")
        #expect(!FileManager.default.fileExists(atPath: shards.path("new")))
    }
}
