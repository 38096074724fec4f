import Foundation
import Testing

/// `Scripts/manual`: manual pages and shell completions, made from what the command says of itself.
struct ManualTests {
    private static let script = Tool.package.appendingPathComponent("Scripts/manual").path

    private static let commands = [
        "report", "check", "transitions", "connections", "netstat", "explain", "live",
        "interfaces",
    ]

    /// The pages and completions, made once.
    private static let folder: URL? = {
        guard let folder = try? Tool.temporaryFolder(),
            let outcome = try? Tool.run("/usr/bin/python3", [script, Tool.path, folder.path]),
            outcome.code == 0
        else { return nil }
        return folder
    }()

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/bin/man"), "man is not installed"),
        arguments: [""] + commands.map { "-" + $0 })
    func `A page reads well at 80 columns and has every option`(_ suffix: String) throws {
        let page = try #require(Self.folder).appendingPathComponent("man1/wirestate\(suffix).1")
            .path
        let shown = try Tool.run(
            "/usr/bin/man", ["--warnings", "-l", page],
            environment: ["MANWIDTH": "80", "MANPAGER": "cat", "PAGER": "cat"])
        #expect(shown.code == 0)
        #expect(shown.errors.isEmpty)
        let lines = shown.lines.map { line in
            // Bold and underlined by overstriking or SGR.
            String(line).replacingOccurrences(
                of: "\u{1b}\\[[0-9;]*m|.\u{8}", with: "", options: .regularExpression)
        }
        #expect(lines.filter { $0.count > 80 } == [])
        let command = suffix.isEmpty ? [] : [String(suffix.dropFirst())]
        let help = try Tool.run(Tool.path, command + ["--help"]).output
        let options = help.matches(of: /^ +(?:-\w, )?(--[a-z-]+)/.anchorsMatchLineEndings())
            .map { String($0.output.1) }
        let text = lines.joined(separator: "\n")
        for option in options where option != "--help" && option != "--version" {
            #expect(text.contains("\(option)"), "\(option)")
        }
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "SEE ALSO"] {
            #expect(lines.contains(section), "\(section)")
        }
    }

    @Test func `bash completes commands and options`() throws {
        let file = try #require(Self.folder).appendingPathComponent("completions/wirestate.bash")
        let line = """
            source '\(file.path)'
            complete -p wirestate
            COMP_WORDS=(wirestate tran); COMP_CWORD=1; COMP_LINE='wirestate tran'; COMP_POINT=14
            COMP_TYPE=9; COMP_KEY=9
            $(complete -p wirestate | grep -o -- '-F [^ ]*' | cut -d' ' -f2) wirestate tran wirestate
            echo "${COMPREPLY[@]}"
            """
        let outcome = try Tool.bash(line)
        #expect(outcome.output.contains("transitions"))
    }

    @Test(arguments: ["_wirestate", "wirestate.fish"])
    func `zsh and fish have every command`(_ name: String) throws {
        let file = try #require(Self.folder).appendingPathComponent("completions/\(name)")
        let text = try String(contentsOf: file, encoding: .utf8)
        for command in Self.commands { #expect(text.contains(command), "\(command)") }
    }
}
