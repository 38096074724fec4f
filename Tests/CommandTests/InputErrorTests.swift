import Foundation
import Testing

struct InputErrorTests {
    /// A file with some contents in a folder of its own, removed afterwards.
    private static func withFile(
        _ contents: Data, _ body: (String) throws -> Void
    ) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("file")
        try contents.write(to: file)
        try body(file.path)
    }

    private static func expectRefusal(_ path: String, _ word: String) throws {
        for command in ["report", "transitions", "connections"] {
            let outcome = try Tool.run(command, path)
            #expect(outcome.code == 3)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains(path))
            #expect(outcome.errors.contains(word))
        }
    }

    @Test func `A missing file gives one clear line and 3`() throws {
        try Self.expectRefusal("/nonexistent/file.pcap", "no such file")
    }

    @Test func `A directory gives one clear line and 3`() throws {
        try Self.expectRefusal("/tmp", "is a directory")
    }

    @Test func `An empty file gives one clear line and 3`() throws {
        try Self.withFile(Data()) { try Self.expectRefusal($0, "is empty") }
    }

    @Test func `A text file gives one clear line and 3`() throws {
        try Self.withFile(Data("10:00 a host is down\n".utf8)) {
            try Self.expectRefusal($0, "is text")
        }
    }

    @Test func `A file that cannot be read gives one clear line and 3`() throws {
        // It opens, also for root, and reading at its beginning fails.
        try Self.expectRefusal("/proc/self/mem", "reading failed")
    }

    @Test func `A file without permission gives one clear line and 3`() throws {
        try Self.withFile(Data("x".utf8)) { path in
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            let outcome = try Tool.runUnprivileged([path])
            #expect(outcome.code == 3)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains(path))
            #expect(outcome.errors.contains("permission denied"))
        }
    }

    @Test func `A truncated capture gives its results, one clear line and 3`() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Tool.capture("incident.pcapng")))
        try Self.withFile(whole.prefix(200_000)) { path in
            let outcome = try Tool.run("--json", path)
            #expect(outcome.code == 3)
            #expect(outcome.errorLines.count == 1)
            #expect(outcome.errors.contains("cut in the middle of the block at byte"))
            let summary = try #require(
                try Tool.objects(outcome.output).first?["capture"] as? [String: Any])
            #expect((summary["frames"] as? Int).map { $0 > 1000 } == true)
        }
    }

    @Test func `Trouble with one file stops no other`() throws {
        let outcome = try Tool.run("/nonexistent/file.pcap", Tool.capture("refused.pcap"))
        #expect(outcome.code == 3)
        #expect(outcome.output.contains("refused                    6"))
        #expect(outcome.errorLines.count == 1)
    }

    @Test(
        arguments: [
            [], ["--bogus", "x"], ["report"], ["transitions", "--states", "klingon", "x"],
            ["--stack", "none", "x"], ["--timer", "tea=3m", "x"], ["--timer", "time-wait=x", "x"],
            ["--local", "10.1.1", "x"], ["--max-connections", "0", "x"], ["-", "-"],
            ["--filter", "tcp", "x", "--", "tcp"],
        ])
    func `A usage error is 2`(_ arguments: [String]) throws {
        let outcome = try Tool.run(Tool.path, arguments)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.isEmpty)
    }

    @Test func `A filter that does not compile is a usage error`() throws {
        let outcome = try Tool.run("--filter", "port port", Tool.capture("refused.pcap"))
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1)
    }

    @Test func `The version names libpcap's`() throws {
        let outcome = try Tool.run("--version")
        #expect(outcome.code == 0)
        #expect(outcome.output.hasPrefix("wirestate 0."))
        #expect(outcome.output.contains("libpcap version"))
    }

    @Test(arguments: ["report", "transitions --json", "connections --json"])
    func `A reader that goes away is no error`(_ command: String) throws {
        let capture = Tool.capture("incident.pcapng")
        let outcome = try Tool.bash(
            "$WIRESTATE \(command) '\(capture)' | head -1; echo ${PIPESTATUS[0]}")
        #expect(outcome.lines.count == 3)
        #expect(outcome.lines[1] == "0")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: ["report", "transitions", "connections", "interfaces", "--help"])
    func `A full disk gives one clear line and 3`(_ command: String) throws {
        let capture = command.hasPrefix("-") || command == "interfaces" ? "" : "incident.pcapng"
        let file = capture.isEmpty ? "" : "'\(Tool.capture(capture))'"
        let outcome = try Tool.bash("$WIRESTATE \(command) \(file) > /dev/full")
        #expect(outcome.code == 3)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("No space left on device"))
    }
}
