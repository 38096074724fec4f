import Analysis
import ArgumentParser
import Capture
import Documents
import Reports
import Wire

struct SplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Split captures into shards by connection, for several processes or machines.",
        usage: """
            wirestate split [<options>] --out <folder>
                <files> ... [-- <filter>]
            """,
        discussion: """
            Writes one pcapng file per shard with the headers of its packets, and a manifest with what only the \
            whole input shows: frame counts, times, capture losses. 'part' tracks one shard, and 'merge' \
            combines all parts into the report that one process would have made.

            Files that overlap in time must be split together. Files that follow one another can be split \
            separately, each into its own folder. A complete folder of the same files is left as \
            it is.

            EXAMPLES
              wirestate split --shards 8 --out hour-01 hour-01.pcapng.zst
              wirestate split --shards 8 --out hour-02 hour-02.pcapng.zst
              for n in 0 1 2 3 4 5 6 7; do
                wirestate part --shard $n --out part-$n hour-01 hour-02
              done
              wirestate merge part-*
            """)

    @OptionGroup var captures: InputOptions

    @Option(help: ArgumentHelp("Folder to write the shards to.", valueName: "folder"))
    var out: String

    @Option(
        help: ArgumentHelp(
            "Number of shards, at most \(SplitManifest.shardLimit): use the same number for all files.",
            valueName: "count"))
    var shards: Int = 64

    @OptionGroup var captureFilter: CaptureFilterOptions

    @Flag(help: "Verify the checksums of every packet (slower).")
    var verifyChecksums = false

    @Flag(
        help:
            "Print a JSON line: frame counts, times, the size of each shard. See 'wirestate schema'."
    )
    var json = false

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    func validate() throws {
        if !(1...SplitManifest.shardLimit).contains(shards) {
            throw ValidationError("--shards must be between 1 and \(SplitManifest.shardLimit).")
        }
    }

    func run() throws {
        var options = AnalysisOptions(files: captures.files)
        options.filter = captureFilter.expression
        options.backend = engine
        options.verifiesChecksums = verifyChecksums
        let bar = ProgressBar()
        options.onProgress = { bar.show($0) }
        let result = try partErrors {
            try CaptureSplit(options, shardCount: shards).write(to: out)
        }
        let output = Output()
        if json {
            let shards = result.shards.map { JSONSplit.Shard(frames: $0.packets, size: $0.bytes) }
            output.write((result.summary, shards), as: JSONSplit())
        }
        try output.end(result.summary.problems)
    }
}

/// Runs `body`, and turns what is wrong with parts into lines for standard error and exit code 3.
func partErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as PartError {
        throw RunFailure(error.description)
    }
}
