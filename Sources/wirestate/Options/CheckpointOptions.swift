import Analysis
import ArgumentParser
import Arguments

/// Where a run begins and what it leaves, for captures that are read piece by piece.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go on where the run that left this checkpoint stopped: all results are those of one run over the captures of both.",
            valueName: "file"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Leave a checkpoint, with which a later run goes on.", valueName: "file"))
    var checkpoint: String?

    /// Whether a run is one of several.
    var isUsed: Bool { resume != nil || checkpoint != nil }

    /// The analysis of one piece.
    func analysis(_ options: CommonOptions) -> CheckpointedAnalysis {
        CheckpointedAnalysis(options.analysis.options, from: resume, to: checkpoint)
    }

    /// Refuses what has no meaning for one piece of several.
    ///
    /// - Parameters:
    ///   - options: the flags that all commands have.
    ///   - others: flags with whether they are given.
    func validate(_ options: CommonOptions, without others: [(flag: String, isGiven: Bool)] = [])
        throws
    {
        guard isUsed else { return }
        let name = resume == nil ? "--checkpoint" : "--resume"
        let all =
            others + [
                ("--follow", options.follow), ("--anonymize", options.anonymization.isAskedFor),
                ("--threads", options.threads.map { $0 > 1 } ?? false),
            ]
        try validating { () throws(ArgumentFailure) in
            try FlagChecks.refuse(all) { "\($0) does not work with \(name)." }
        }
    }
}
