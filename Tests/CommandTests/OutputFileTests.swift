import Foundation
import Testing

/// What the command writes to, and what it must not.
struct OutputFileTests {
    private let folder = try! Tool.temporaryFolder()

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func copy(_ capture: String, to name: String) throws -> Data {
        let data = try Data(contentsOf: URL(fileURLWithPath: Tool.capture(capture)))
        try data.write(to: folder.appendingPathComponent(name))
        return data
    }

    private func data(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appendingPathComponent(name))
    }

    @Test func `An evidence file that is given as input is not written over`() throws {
        _ = try copy("close-wait-leak.pcap", to: "in.pcap")
        #expect(try Tool.run("--evidence", path("e"), path("in.pcap")).code == 0)
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: path("e")).sorted().first)
        let before = try data("e/" + name)
        let outcome = try Tool.run("--evidence", path("e"), path("e/" + name))
        #expect(outcome.code == 3)
        #expect(outcome.errors.contains("is also an input or another output: choose another name"))
        #expect(try data("e/" + name) == before)
        // Once more from the first capture: what is there is replaced.
        #expect(try Tool.run("--evidence", path("e"), path("in.pcap")).code == 0)
        #expect(try data("e/" + name) == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: path("e"))
        #expect(names.count == 3 && names.allSatisfy { $0.hasSuffix(".pcapng") })
    }

    @Test func `Evidence follows no link and waits for no pipe`() throws {
        _ = try copy("close-wait-leak.pcap", to: "in.pcap")
        #expect(try Tool.run("--evidence", path("e"), path("in.pcap")).code == 0)
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: path("e")).sorted().first)
        try Data("victim".utf8).write(to: folder.appendingPathComponent("victim"))
        try FileManager.default.removeItem(atPath: path("e/" + name))
        try FileManager.default.createSymbolicLink(
            atPath: path("e/" + name), withDestinationPath: path("victim"))
        let linked = try Tool.run("--evidence", path("e"), path("in.pcap"))
        #expect(linked.code == 3 && linked.errors.contains("is a symbolic link"))
        #expect(try data("victim") == Data("victim".utf8))
        try FileManager.default.removeItem(atPath: path("e/" + name))
        #expect(mkfifo(path("e/" + name), 0o600) == 0)
        let piped = try Tool.run("--evidence", path("e"), path("in.pcap"))
        #expect(piped.code == 3 && piped.errors.contains("is not a regular file"))
    }

    @Test func `Evidence is not asked of a pipe, which is read once`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let outcome = try Tool.bash("$WIRESTATE --evidence '\(path("e"))' <(cat '\(capture)')")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("reads the captures again"))
    }

    @Test(arguments: ["--junit", "--sarif"])
    func `A verdict is not written over its capture`(_ option: String) throws {
        let before = try copy("close-wait-leak.pcap", to: "in.pcap")
        for name in ["in.pcap", "./in.pcap"] {
            let outcome = try Tool.run("check", option, path(name), path("in.pcap"))
            #expect(outcome.code == 3)
            #expect(outcome.errors.contains("is also an input"))
        }
        #expect(try data("in.pcap") == before)
    }

    @Test(arguments: ["--junit", "--sarif"])
    func `A verdict goes to a file, to standard output, to a pipe of the shell`(
        _ option: String
    ) throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let check = "$WIRESTATE check --fail-on critical '\(capture)' \(option)"
        #expect(try Tool.bash("\(check) '\(path("out"))'").code == 0)
        let text = String(decoding: try data("out"), as: UTF8.self)
        #expect(text.hasSuffix("\n") && text.contains("wirestate"))
        for path in ["/dev/stdout", "-", "/dev/fd/1"] {
            #expect(try Tool.bash("\(check) \(path)").output.contains(text))
        }
        #expect(try Tool.bash("\(check) >(cat >&2) > /dev/null; sleep 0.3").errors == text)
        #expect(try Tool.bash("\(check) /dev/null").code == 0)
        let appended = try Tool.bash(
            "echo kept > '\(path("log"))'; \(check) /dev/stdout >> '\(path("log"))'")
        #expect(appended.code == 0)
        let log = String(decoding: try data("log"), as: UTF8.self)
        #expect(log.hasPrefix("kept\n") && log.contains(text))
    }

    /// Escape sequences, separators and marks of direction, in UTF-8 and not.
    private static let names: [[UInt8]] = [
        Array("x\u{1b}[31mred\nFindings: 9 critical\n.pcap".utf8),
        Array("\r\u{8}\u{7f}.pcap".utf8), Array("\u{9b}31m\u{202e}gnp\u{2028}.pcap".utf8),
        Array("|`<a&b>\"'\\.pcap".utf8), Array("bad".utf8) + [0xff, 0xfe, 0x9b],
        [0xef, 0xbe, 0x80, 0xee, 0xbe, 0x80], Array("--x\u{1b}[2J\nwirestate: ok".utf8),
    ]

    @Test(arguments: names)
    func `A file of any name opens, and its name does nothing to a terminal`(
        _ name: [UInt8]
    ) throws {
        let whole = Tool.capture("close-wait-leak.pcap")
        // What bash gives to the command as bytes, the test writes as octal numbers.
        let octal = name.map { "\\" + String(Int($0), radix: 8) }.joined()
        let script = """
            cd '\(folder.path)'; name=$(printf '\(octal)_'); name=${name%_}
            head -c 5000 '\(whole)' > "./$name"
            """
        for (arguments, code) in [
            ("./\"$name\"", 3), ("--markdown ./\"$name\"", 3),
            ("check --junit /dev/null ./\"$name\"", 3), ("--evidence \"./$name.d\" ./\"$name\"", 3),
            ("--no-such \"$name\"", 2), ("report \"-$name\"", -1), ("--json ./\"$name\"", 3),
            ("live -i \"$name\"", 2),
        ] {
            let outcome = try Tool.bash("\(script)\nexec $WIRESTATE \(arguments)")
            if code >= 0 && !arguments.hasPrefix("live") { #expect(outcome.code == code) }
            for text in [outcome.output, outcome.errors] {
                let forbidden = text.unicodeScalars.filter {
                    $0 != "\n"
                        && ($0.value < 0x20 || (0x7f...0x9f).contains($0.value)
                            || $0.properties.isBidiControl || $0.value == 0x2028)
                }
                #expect(forbidden.isEmpty, "\(arguments): \(text)")
                #expect(!text.contains("\nFindings: 9 critical"))
                #expect(!text.contains("\nwirestate: ok"))
            }
            // Cut, and not missing.
            #expect(code != 3 || outcome.errors.contains("cut in the middle of record"))
        }
    }

    @Test(arguments: names)
    func `A name is text in JSON and XML, and its bytes in SARIF's URI`(_ name: [UInt8]) throws {
        let octal = name.map { "\\" + String(Int($0), radix: 8) }.joined()
        let capture = Tool.capture("refused.pcap")
        let outcome = try Tool.bash(
            """
            cd '\(folder.path)'; name=$(printf '\(octal)_'); name=${name%_}
            cp '\(capture)' "./$name"
            $WIRESTATE --json "./$name" | head -1
            $WIRESTATE check --fail-on critical --sarif /dev/stdout "./$name" | head -1
            """)
        let lines = outcome.lines
        let summary = try #require(
            try Tool.objects(String(lines[0])).first?["capture"] as? [String: Any])
        // The last one contains U+EF80, which stands for a byte in the program: its bytes are not text.
        let text =
            "./"
            + String(decoding: name, as: UTF8.self)
            .replacingOccurrences(of: "\u{ef80}", with: "\u{fffd}\u{fffd}\u{fffd}")
        #expect((summary["files"] as? [String])?.first == text)
        let sarif = String(lines[1])
        _ = try Tool.objects(sarif)
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        let uri = name.map { byte in
            allowed.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + String(format: "%02X", Int(byte))
        }.joined()
        #expect(sarif.contains("\"./" + uri + "\""))
    }

    @Test func `Closed standard descriptors are not taken by what is opened later`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let outcome = try Tool.bash(
            "$WIRESTATE check --junit '\(path("out"))' '\(capture)' 0<&- 1>&- 2>&-")
        #expect(outcome.code == 3)
        let text = String(decoding: try data("out"), as: UTF8.self)
        #expect(text.hasPrefix("<?xml") && text.hasSuffix("</testsuites>\n"))
        // A closed standard output is one that cannot be written.
        let closed = try Tool.bash("$WIRESTATE '\(capture)' 1>&-")
        #expect(closed.code == 3 && closed.errors.contains("standard output: Bad file descriptor"))
    }
}
