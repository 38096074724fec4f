import Analysis
import ArgumentParser

struct PartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "part",
        abstract: "Track one shard of split captures, and write a part for 'merge'.",
        usage: """
            wirestate part [<options>] --shard <number>
                --out <file> <folders> ...
            """,
        discussion: """
            EXAMPLES
              wirestate part --shard 3 --out part-3 hour-01 hour-02 hour-03
              wirestate part --transitions --shard 3 --out part-3 hour-*
                    with every state change, for 'merge --print transitions' and --sqlite
              wirestate part --shard 3 --out part-3 --resume old-3 --checkpoint new-3 hour-04
                    the part of all hours, without those before the last one
            """)

    @Argument(help: "Folders that 'split' wrote, oldest first.")
    var folders: [String]

    @Option(help: ArgumentHelp("Number of the shard, from 0.", valueName: "number"))
    var shard: Int

    @Option(help: ArgumentHelp("File to write the part to.", valueName: "file"))
    var out: String

    @Flag(help: "Also keep every state change.")
    var transitions = false

    @OptionGroup var checkpoints: CheckpointOptions

    @OptionGroup var timers: StackOptions

    @OptionGroup var limit: ConnectionLimitOptions

    func validate() throws {
        if folders.isEmpty { throw ValidationError("Name a folder that 'split' wrote.") }
    }

    func run() throws {
        var analysis = ShardAnalysis(folders: folders, shard: shard)
        analysis.profile = timers.profile
        analysis.connectionLimit = limit.count
        analysis.hasTransitions = transitions
        analysis.start = checkpoints.resume
        analysis.end = checkpoints.checkpoint
        try partErrors { try analysis.write(to: out) }
    }
}
