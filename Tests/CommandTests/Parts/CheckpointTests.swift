import Foundation
import TestKit
import Testing

/// A capture in pieces, each analysed from where the last one stopped, gives what the whole one gives.
struct CheckpointTests {
    private let folder: URL

    init() throws { folder = try Tool.temporaryFolder() }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func cut(_ capture: String, at frames: [Int], of count: Int) throws -> [String] {
        let ranges = zip([0] + frames, frames + [count]).enumerated()
        return try ranges.map { index, range in
            let piece = path("piece-\(index).pcapng")
            let done = try Tool.bash(
                "editcap -r '\(capture)' '\(piece)' \(range.0 + 1)-\(range.1)")
            #expect(done.code == 0, "\(done.errors)")
            return piece
        }
    }

    /// Runs a command on each piece; returns what each printed.
    private func chain(_ command: [String], _ pieces: [String]) throws -> [String] {
        var last: String?
        return try pieces.enumerated().map { index, piece in
            var arguments = command
            if let last { arguments += ["--resume", last] }
            last = path("checkpoint-\(index)")
            if index < pieces.count - 1 { arguments += ["--checkpoint", last!] }
            let outcome = try Tool.run(Tool.path, arguments + [piece])
            #expect(outcome.code == 0, "\(outcome.errors)")
            return outcome.output
        }
    }

    /// The files' names are those of the pieces.
    private func withoutFiles(_ text: String) -> String {
        text.replacing(/"files":\[[^\]]*\]/, with: "")
    }

    /// Runs the commands on the pieces and on the whole. Returns the pieces, and the report after each.
    @discardableResult
    private func expectSame(
        _ capture: String, cutAt frames: [Int], of count: Int
    ) throws -> (pieces: [String], reports: [String]) {
        let pieces = try cut(capture, at: frames, of: count)
        let reports = try chain(["report", "--json", "--all"], pieces)
        let whole = try Tool.run("report", "--json", "--all", capture)
        #expect(try withoutFiles(#require(reports.last)) == withoutFiles(whole.output))
        for command in [
            ["connections", "--json"], ["transitions", "--json"],
            ["transitions", "--events", "--json"],
        ] {
            let rows = try chain(command, pieces).joined()
            #expect(try rows == Tool.run(Tool.path, command + [capture]).output, "\(command)")
        }
        // A table that is full all the time: rows of those that leave it come before the end.
        let small = ["connections", "--json", "--max-connections", "50"]
        let one = try Tool.run(Tool.path, small + ["--threads", "1", capture])
        #expect(try chain(small, pieces).joined() == one.output)
        return (pieces, reports)
    }

    /// One that is longer than what is held back to see whether frames are in order: 6,864 frames.
    private func longCapture() throws -> String {
        let (capture, later) = (Tool.capture("incident.pcapng"), path("later.pcapng"))
        let made = try Tool.bash(
            """
            editcap -t 60 '\(capture)' '\(later)'
            mergecap -a -w '\(path("long.pcapng"))' '\(capture)' '\(later)'
            """)
        #expect(made.code == 0, "\(made.errors)")
        return path("long.pcapng")
    }

    @Test func `all pieces together say what the whole capture says`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try longCapture()
        let (pieces, reports) = try expectSame(whole, cutAt: [1, 1_931, 4_700, 5_900], of: 6_864)
        // In the middle it is the report of what was read so far.
        for last in [1, 2] {
            let some = try Tool.run(Tool.path, ["report", "--json", "--all"] + pieces[...last])
            #expect(withoutFiles(reports[last]) == withoutFiles(some.output))
        }
    }

    /// What keeps networks apart is a secret of each process, but one along the chain.
    @Test func `so do pieces of connections on a VLAN`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let plain = path("plain.pcap")
        let made = try Tool.bash("editcap -F pcap '\(try longCapture())' '\(plain)'")
        #expect(made.code == 0, "\(made.errors)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: plain)))
        var tagged = Array(bytes[..<24])
        var offset = 24
        // A tag of four bytes behind the addresses of each frame: IEEE 802.1Q.
        while offset < bytes.count {
            let end = offset + 16 + Int(bytes[offset + 8]) + Int(bytes[offset + 9]) << 8
            var record = Array(bytes[offset..<end])
            record.insert(contentsOf: [0x81, 0, 0, 7], at: 28)
            for place in [8, 12] {
                let length = Int(record[place]) + Int(record[place + 1]) << 8 + 4
                record[place] = UInt8(length & 0xff)
                record[place + 1] = UInt8(length >> 8)
            }
            tagged += record
            offset = end
        }
        try Data(tagged).write(to: URL(fileURLWithPath: path("tagged.pcap")))
        let whole = path("whole.pcapng")
        let again = try Tool.bash("editcap '\(path("tagged.pcap"))' '\(whole)'")
        #expect(again.code == 0, "\(again.errors)")
        try expectSame(whole, cutAt: [4_700, 5_900], of: 6_864)
    }

    /// Frames that the next piece has earlier ones for wait for it.
    @Test func `so do pieces whose frames are out of order`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let capture = Tool.capture("cases/two-queues-leak.pcap")
        try expectSame(capture, cutAt: [3, 60, 61, 120], of: 170)
    }

    @Test(arguments: Tool.everyCapture)
    func `so does every capture that is cut at ten frames`(capture: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        // In the format of the pieces.
        let whole = path("whole.pcapng")
        let made = try Tool.bash(
            "editcap '\(Tool.capture(capture))' '\(whole)' && capinfos -T -r -c '\(whole)'")
        let words = made.output.split { $0.isWhitespace }
        let count = try #require(words.last.flatMap { Int($0) })
        var random = SplitMix64(seed: UInt64(count))
        let cuts = Set((0..<10).map { _ in Int.random(in: 1...max(1, count), using: &random) })
        try expectSame(whole, cutAt: cuts.filter { $0 < count }.sorted(), of: count)
    }

    @Test func `what cannot be gone on with is refused in one line`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let capture = Tool.capture("port-reuse.pcap")
        let checkpoint = path("checkpoint")
        let left = try Tool.run("report", "--checkpoint", checkpoint, capture)
        #expect(left.code == 0)
        func expectRefusal(_ arguments: [String], _ words: String) throws {
            let outcome = try Tool.run(Tool.path, arguments + [capture])
            #expect(outcome.code == 3)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
        let resume = ["--resume", checkpoint]
        try expectRefusal(["connections"] + resume, "'report' left it")
        try expectRefusal(["report", "--stack", "rfc"] + resume, "other timers")
        try expectRefusal(["report", "--verify-checksums"] + resume, "--verify-checksums")
        let large = path("large")
        #expect(try Tool.run("report", "--checkpoint", large, longCapture()).code == 0)
        try expectRefusal(
            ["report", "--max-connections", "2", "--resume", large], "use --max-connections")
        try expectRefusal(["report", "--resume", capture], "not a part, manifest or checkpoint")
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: checkpoint)))
        for offset in stride(from: 12, to: whole.count, by: max(1, whole.count / 12)) {
            var bytes = whole
            bytes[offset] ^= 0x11
            for damaged in [bytes, Array(whole[..<offset])] {
                try Data(damaged).write(to: URL(fileURLWithPath: path("damaged")))
                try expectRefusal(["report", "--resume", path("damaged")], "create it again")
            }
        }
        let usage = try Tool.run("report", "--resume", checkpoint, "--follow", capture)
        #expect(usage.code == 2)
        #expect(usage.errors.contains("--follow does not work with --resume"))
    }
}
