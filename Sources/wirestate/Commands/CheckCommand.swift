import Analysis
import ArgumentParser
import Diagnosis
import POSIX
import Reports

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "For tests: exit code 1 if a capture shows what it must not.",
        usage: "wirestate check [<options>] --fail-on <rules> <files> ... [-- <filter>]",
        discussion: """
            A rule is the name of a finding, or 'reset' (a connection ended by RST), or a severity \
            ('critical', 'warning', 'notice': so bad or worse); then, after a colon, the side at fault, or \
            for 'reset' the end that sent it. What the capture is too short to settle breaks no rule: \
            lower its threshold.

            EXAMPLES
              wirestate check --fail-on 'close-wait-leak, reset:client' test.pcapng
              wirestate check --fail-on warning --threshold close-wait=5s test.pcapng
              wirestate check --junit out.xml --sarif out.sarif test.pcapng

            Exit codes: 0 nothing found, 1 found, 2 usage, 3 trouble with a file.
            """)

    @Option(
        help: ArgumentHelp(
            "What to fail on, separated by commas. Default: warning.", valueName: "rules"))
    var failOn: RuleList = RuleList(argument: "warning")!

    @Option(help: ArgumentHelp("Also write JUnit XML to a file.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Also write SARIF 2.1.0 to a file.", valueName: "file"))
    var sarif: String?

    @Flag(help: "Keep every connection of a finding, not only a few.")
    var all = false

    @Option(help: "How to print it: \(TextOrJSON.names).")
    var format: TextOrJSON?

    @OptionGroup var findings: FindingOptions
    @OptionGroup var options: CommonOptions

    func validate() throws { try TextOrJSON.validate(format, [("json", options.json, .json)]) }

    func run() throws {
        let (input, report) = try options.analysis.report(
            findings.limits, exampleLimit: all ? nil : 3, spelling: options.states)
        let verdict = Verdict(report, failOn.rules, problems: input.problems.map { "\($0)" })
        if let junit { try write(verdict, JUnitVerdict(), to: junit) }
        if let sarif {
            try write(verdict, SARIFVerdict(version: Wirestate.version), to: sarif)
        }
        var output = Output()
        if input.hasNothing {
            // The trouble is all there is to say.
        } else if TextOrJSON.chosen(format, [("json", options.json, .json)]) == .json {
            var format = JSONVerdict(names: options.tracking.names)
            format.write(verdict, to: &output)
        } else {
            var format = TextVerdict(palette: .standard)
            format.write(verdict, to: &output)
        }
        try input.end(output)
        if verdict.hasFailed { throw CommandFailure(code: 1) }
    }

    private func write<F: Format<Verdict>>(
        _ verdict: Verdict, _ format: F, to path: String
    ) throws {
        var format = format
        var sink = TextSink()
        format.write(verdict, to: &sink)
        do {
            let file = try OutputFile(path, .replace, inUse: options.inputs)
            try file.write(Array(sink.text.utf8))
            try file.commit()
        } catch let error as OutputError {
            throw CommandFailure(path, error)
        } catch let error as SystemError {
            throw CommandFailure(path, .system(error))
        }
    }
}

/// Rules separated by commas.
struct RuleList: ExpressibleByArgument {
    let rules: [FailRule]

    init?(argument: String) {
        let words = argument.split(separator: ",").map { word in
            String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        let rules = words.compactMap { FailRule($0) }
        guard !rules.isEmpty, rules.count == words.count else { return nil }
        self.rules = rules
    }
}
