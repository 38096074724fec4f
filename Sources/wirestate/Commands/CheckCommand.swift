import Analysis
import ArgumentParser
import Arguments
import Diagnosis
import Documents
import POSIX
import Reports

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Test a capture: exit code 1 if a forbidden finding occurs or an expected one is missing.",
        usage: "wirestate check [<options>] <files> ... [-- <filter>]",
        discussion: """
            A rule is a kind of finding ('wirestate help kinds'), 'reset' (a connection ended by RST), or a \
            severity ('critical', 'warning', 'notice': at least this severe). A colon limits it to the side at \
            fault, or for 'reset' to the end that sent it: 'reset:client'. A finding that the capture is too \
            short to confirm does not break a rule: lower its threshold.

            A capture without packets or without TCP connections fails, unless --allow-empty is given.

            EXAMPLES
              wirestate check --fail-on 'close-wait-leak, reset:client' test.pcapng
              wirestate check --fail-on warning --threshold close-wait=5s test.pcapng
              wirestate check --expect legit-half-close --fail-on reset test.pcapng
              wirestate check --junit out.xml --sarif out.sarif test.pcapng

            Exit codes: 0 passed, 1 failed, 2 usage error, 3 a file failed.
            """)

    @Option(
        help: ArgumentHelp(
            "Findings that must not occur, separated by commas (default: warning).",
            valueName: "rules"),
        transform: FailRule.list(_:))
    var failOn: [FailRule] = []

    @Option(
        help: ArgumentHelp("Findings that must occur, separated by commas.", valueName: "rules"),
        transform: FailRule.list(_:))
    var expect: [FailRule] = []

    @Flag(help: "Pass a capture without packets or without TCP connections.")
    var allowEmpty = false

    @Option(help: ArgumentHelp("Also write JUnit XML to this file.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Also write SARIF 2.1.0 to this file.", valueName: "file"))
    var sarif: String?

    @Flag(help: "Include every connection of a finding, not only a few.")
    var all = false

    @Option(help: "Output format: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws { try TextOrJSON.validate(format, [("json", options.json, .json)]) }

    func run() throws {
        var run = CheckRun(options.analysis, options.style, version: Wirestate.version)
        run.limits = findings.limits
        run.rules = failOn
        run.expected = expect
        run.allowsEmpty = allowEmpty
        run.showsAll = all
        run.isJSON = TextOrJSON.chosen(format, [("json", options.json, .json)]) == .json
        run.junit = junit
        run.sarif = sarif
        guard try run.write(to: Output()) else { throw CheckFailed() }
    }
}
