import Foundation
import Testing

/// What people see: on terminals of several widths, in pipes, without UTF-8, with colours and without.
struct TextOutputTests {
    static let folder = Tool.package.appendingPathComponent(
        "Tests/CommandTests/Text/Golden")

    private static let commands: [(name: String, arguments: [String])] = [
        ("report", [Tool.capture("incident.pcapng")]),
        ("connections", ["connections", Tool.capture("close-wait-leak.pcap")]),
        ("transitions", ["transitions", Tool.capture("close-wait-leak.pcap")]),
        ("explain", ["explain", Tool.capture("incident.pcapng"), "--stream", "58"]),
        ("kind", ["explain", "zero-window-stall"]), ("state", ["explain", "CLOSE_WAIT"]),
        ("thresholds", ["help", "thresholds"]),
        ("netstat", ["netstat", "-o", Tool.capture("close-wait-leak.pcap")]),
        ("histogram", ["netstat", "--histogram", Tool.capture("close-wait-leak.pcap")]),
        ("check", ["check", "--expect", "syn-flood", Tool.capture("incident.pcapng")]),
        (
            "compare",
            [
                "compare", "--tap", "client=" + Tool.capture("pairs/syn-proxy.1.client.pcap"),
                "--tap", "server=" + Tool.capture("pairs/syn-proxy.1.server.pcap"),
            ]
        ), ("unopened", ["explain", Tool.capture("mid-stream-start.pcap"), "--stream", "1"]),
        (
            "path",
            [
                "explain", "--tap", "client=" + Tool.capture("pairs/syn-proxy.1.client.pcap"),
                "--tap", "server=" + Tool.capture("pairs/syn-proxy.1.server.pcap"),
                "--connection", "10.3.1.1:57692",
            ]
        ), ("events", ["events", folder.appendingPathComponent("events.jsonl").path]),
    ]

    /// What netstat(8) prints has one width.
    private static let fixedWidths = ["netstat": 110]

    /// What a command writes to a terminal of some width, by script(1).
    static func onTerminal(
        _ columns: Int, _ arguments: [String], _ environment: String = "NO_COLOR=1"
    ) throws -> String {
        // Where the sources are makes no name longer.
        let folder = Tool.package.path
        let words = arguments.map { "'\($0.replacingOccurrences(of: folder + "/", with: ""))'" }
        let line =
            "cd '\(folder)'; stty cols \(columns); \(environment) \(Tool.path)"
            + " \(words.joined(separator: " "))"
        let outcome = try Tool.bash("script -qec \"\(line)\" /dev/null")
        return outcome.output.replacingOccurrences(of: "\r\n", with: "\n")
    }

    /// Compares with what was looked at by a person; `WIRESTATE_GOLDEN=1` writes anew what is to be looked at.
    static func expect(_ text: String, is name: String) throws {
        // The report names the file by the path that was given.
        let plain = text.replacingOccurrences(of: Tool.package.path + "/", with: "")
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["WIRESTATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(plain.utf8).write(to: file)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(plain == golden, "\(name)")
    }

    @Test(arguments: [60, 80, 120, 200], commands)
    func `A terminal's width is filled and not exceeded`(
        _ columns: Int, _ command: (name: String, arguments: [String])
    ) throws {
        let text = try Self.onTerminal(columns, command.arguments)
        let path = Tool.package.path
        let lines = text.split(separator: "\n").filter { !$0.contains(path) }
        let width = max(columns, Self.fixedWidths[command.name] ?? 0)
        #expect(lines.filter { $0.count > width } == [])
        #expect(lines.filter { $0.hasSuffix(" ") } == [])
        try Self.expect(text, is: "\(columns)/\(command.name)")
    }

    @Test func `The README shows what is printed`() throws {
        let readme = try String(
            contentsOf: Tool.package.appendingPathComponent("README.md"), encoding: .utf8)
        let command = "    $ wirestate Captures/incident.pcapng\n"
        let rest = try #require(readme.components(separatedBy: command).dropFirst().first)
        let shown = try #require(rest.components(separatedBy: "    […]\n").first)
        let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("    ") ? $0.dropFirst(4) : $0 }
        #expect(lines.count > 30)
        let printed = try Tool.run(Tool.capture("incident.pcapng")).output
            .replacingOccurrences(of: Tool.package.path + "/", with: "")
        #expect(printed.hasPrefix(lines.joined(separator: "\n")))
    }

    @Test(arguments: commands)
    func `A pipe has whole values`(_ command: (name: String, arguments: [String])) throws {
        let text = try Tool.run(Tool.path, command.arguments).output
        #expect(!text.contains("…"))
        #expect(!text.contains("\u{1b}"))
        try Self.expect(text, is: "pipe/\(command.name)")
    }

    @Test(arguments: commands)
    func `Without UTF-8 everything is ASCII`(
        _ command: (name: String, arguments: [String])
    ) throws {
        let outcome = try Tool.run(Tool.path, command.arguments, environment: ["LC_ALL": "C"])
        #expect(outcome.output.utf8.allSatisfy { $0 < 0x80 })
        try Self.expect(outcome.output, is: "ascii/\(command.name)")
    }

    @Test func `IPv6 addresses are whole in a pipe`() throws {
        let list = try Tool.run("connections", Tool.capture("incident.pcapng"))
        let json = try Tool.run("connections", "--json", Tool.capture("incident.pcapng"))
        let objects = try Tool.objects(json.output)
        for object in objects where (object["src"] as? String)?.contains(":") ?? false {
            let address = try #require(object["src"] as? String)
            let port = try #require(object["sport"] as? Int)
            #expect(list.output.contains(" [\(address)]:\(port) "))
        }
    }

    @Test func `Every line of transitions has its connection in a pipe`() throws {
        let lines = try Tool.run("transitions", Tool.capture("incident.pcapng")).lines
        let rows = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        #expect(rows.count > 1_000)
        #expect(rows.allSatisfy { $0.split(separator: " → ").count == 3 })
        let events = try Tool.run("transitions", "--events", Tool.capture("incident.pcapng")).lines
        #expect(events.filter { !$0.isEmpty && $0.split(separator: " → ").count != 3 } == [])
    }

    // https://no-color.org, and ECMA-48, section 8.3.117: a style begins with CSI.
    @Test(
        arguments: [
            ("NO_COLOR= TERM=xterm", [], true), ("NO_COLOR=1 TERM=xterm", [], false),
            ("NO_COLOR= TERM=dumb", [], false), ("NO_COLOR= TERM=xterm", ["--color=never"], false),
            ("NO_COLOR=1 TERM=dumb", ["--color=always"], true),
        ] as [(String, [String], Bool)])
    func `Colours are for terminals that want them`(
        _ environment: String, _ arguments: [String], _ hasColours: Bool
    ) throws {
        let text = try Self.onTerminal(
            80, arguments + [Tool.capture("incident.pcapng")], environment)
        #expect(text.contains("\u{1b}[") == hasColours)
    }

    @Test func `A pipe has colours if they are asked for`() throws {
        let plain = try Tool.run(Tool.capture("incident.pcapng"))
        let painted = try Tool.run("--color=always", Tool.capture("incident.pcapng"))
        #expect(!plain.output.contains("\u{1b}"))
        #expect(painted.output.contains("\u{1b}[1;31m"))
        let bare = painted.output.replacingOccurrences(
            of: "\u{1b}\\[[0-9;]*m", with: "", options: .regularExpression)
        #expect(bare.split(separator: "\n").count >= plain.output.split(separator: "\n").count)
    }

    // The zone of Berlin in November is UTC+1: IANA time zone database.
    @Test func `Local time says its offset`() throws {
        let outcome = try Tool.run(
            "--local-time", Tool.capture("incident.pcapng"), environment: ["TZ": "Europe/Berlin"])
        #expect(outcome.output.contains("2026-11-21T02:02:42.479318+01:00 to 02:03:04"))
        #expect(outcome.output.contains("first at 02:02:42 "))
    }

    @Test func `A filter without -- is recognised`() throws {
        let outcome = try Tool.run(Tool.capture("refused.pcap"), "port", "5432")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("-- port 5432"))
    }
}
