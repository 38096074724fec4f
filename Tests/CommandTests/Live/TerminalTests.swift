import Foundation
import Testing

struct TerminalTests {
    /// `script` gives the command a terminal.
    static let script = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

    private static func onTerminal(_ environment: String) throws -> Tool.Outcome {
        let capture = Tool.capture("incident.pcapng")
        return try Tool.bash(
            "script -qec \"env \(environment) $WIRESTATE '\(capture)'\" /dev/null < /dev/null")
    }

    @Test(.enabled(if: script, "script is missing (apt-get install bsdutils)"))
    func `A terminal gets colours`() throws {
        #expect(try Self.onTerminal("-u NO_COLOR TERM=xterm").output.contains("\u{1b}[1;31m"))
    }

    @Test(
        .enabled(if: script, "script is missing (apt-get install bsdutils)"),
        arguments: ["NO_COLOR=1 TERM=xterm", "-u NO_COLOR TERM=dumb"])
    func `NO_COLOR and a dumb terminal get none`(_ environment: String) throws {
        let outcome = try Self.onTerminal(environment)
        #expect(outcome.output.contains("CLOSE_WAIT"))
        #expect(!outcome.output.contains("\u{1b}"))
    }
}
