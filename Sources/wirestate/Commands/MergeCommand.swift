import Analysis
import ArgumentParser
import Arguments
import Diagnosis
import Documents
import Reports
import TCPState
import Tracking
import Wire

struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge parts into a report, a list, or a larger part.",
        usage: "wirestate merge [<options>] <parts> ...",
        discussion: """
            The result is the same as from one process over all captures, for any number of shards and any \
            order of the parts.

            EXAMPLES
              wirestate merge part-*
              wirestate merge --json --all part-*
              wirestate merge --print connections --json part-*
              wirestate merge --print transitions --json --shard 3 part-*
                    only the rows of one shard, with the connection numbers of the whole run
              wirestate merge --into part-0-to-3 part-0 part-1 part-2 part-3
                    several parts as one, so that a tree of processes can merge any number
            """)

    @Argument(help: "Files that 'part' or 'merge --into' wrote.")
    var parts: [String]

    @Option(help: "What to print.")
    var print: MergeFlags.Printed = .report

    @Option(
        help: ArgumentHelp(
            "With --print states: print the counts at this interval.",
            valueName: "time"))
    var every: String = "1m"

    @Option(
        help: ArgumentHelp("Print only the rows of this shard, from 0.", valueName: "number"))
    var shard: Int?

    @Option(
        help: ArgumentHelp(
            "Write one part with all of them to this file instead of printing a result.",
            valueName: "file"))
    var into: String?

    @OptionGroup var shape: ReportOptions

    @Option(
        help: ArgumentHelp(
            "Write connections, state changes and findings to an SQLite database.",
            valueName: "file"))
    var sqlite: String?

    @Flag(help: "With --print connections: comma-separated values.")
    var csv = false

    @Option(help: .hidden)
    var html: String?

    @Option(help: .hidden)
    var evidence: String?

    @Flag(help: .hidden)
    var anonymize = false

    @OptionGroup var findings: FindingOptions

    @Option(help: ArgumentHelp("How to spell states.", valueName: "spelling"))
    var states: StateSpelling = .netstat

    @Option(
        help: ArgumentHelp(
            """
            Local addresses or prefixes, separated by commas: counted separately, and marked '>' in \
            the report.
            """, valueName: "address[/length],..."),
        transform: AddressSet.init(argument:))
    var local: AddressSet?

    @Option(
        help: ArgumentHelp(
            "Where the capture was taken (default: detected).",
            valueName: "place"))
    var vantage: Vantage?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Option(
        help: "Names of the JSON fields: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @OptionGroup var text: TextOptions

    func validate() throws {
        if parts.isEmpty { throw ValidationError("Name a part.") }
        try shape.validate(json: json)
        try validating { () throws(ArgumentFailure) in try flags.check() }
    }

    /// The flags that depend on each other.
    private var flags: MergeFlags {
        var flags = MergeFlags()
        flags.printed = print
        flags.every = every
        flags.isJSON = isJSON
        flags.isMarkdown = shape.format == .markdown || shape.markdown
        flags.isCSV = csv
        flags.hasShard = shard != nil
        flags.hasDatabase = sqlite != nil
        flags.needingCaptures = [
            ("--html", html != nil), ("--evidence", evidence != nil), ("--anonymize", anonymize),
        ]
        return flags
    }

    func run() throws {
        try partErrors {
            let set = try PartSet(parts)
            if let into { return try set.write(to: into) }
            let output = Output()
            switch print {
            // The problems are all there is to say.
            case _ where set.hasNothing: break
            case .report:
                try documents(set).writeReport(
                    shape.listing(json: json, style), findings.limits, sqlite: sqlite, output)
            case .connections: try documents(set).writeConnections(output)
            case .transitions: try documents(set).writeTransitions(output)
            case .states: try documents(set).writeStates(every: step ?? 0, output)
            }
            try output.end(set.problems)
        }
    }

    private func documents(_ set: PartSet) -> PartDocuments {
        PartDocuments(
            set, shard: shard, where: shape.filter.condition, near: near,
            as: csv ? .csv : isJSON ? .json : .text, style)
    }

    private var style: DocumentStyle {
        DocumentStyle(spelling: states, layout: text.layout, names: names)
    }

    private var step: TimeSpan? { TimeSpan(argument: every) }

    private var isJSON: Bool { json || shape.format == .json }

    /// Which ends the capture was taken at.
    private var near: AnalysisOptions {
        var options = AnalysisOptions(files: [])
        options.vantage = vantage
        options.localAddresses = local ?? []
        return options
    }
}
