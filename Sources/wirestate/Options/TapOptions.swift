import Analysis
import ArgumentParser
import Arguments
import Capture
import Documents
import Host

/// The captures of several taps on one path.
struct TapOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "A tap's name and its files, merged by time; repeat it for each tap.",
            valueName: "name=file ..."))
    var tap: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Keep at most this many segments of each tap, at 128 bytes each; a connection counts as four. Default: \
            as many as fit into half of the free memory.
            """, valueName: "count"))
    var maxSegments: Int?

    /// The taps, in the order in which the path passes them.
    var all: [TapArgument] {
        get throws { try validating { () throws(ArgumentFailure) in try TapArgument.all(tap) } }
    }

    /// The files of all taps.
    var files: [String] { get throws { try all.flatMap(\.files) } }

    func validate() throws {
        if let maxSegments, maxSegments < 1 {
            throw ValidationError("--max-segments must be at least 1.")
        }
        if try files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input ('-') can be named only once.")
        }
    }

    /// Throws where there is nothing to compare.
    func requireTwo() throws(ArgumentFailure) { try TapArgument.requireTwo(TapArgument.all(tap)) }

    /// What to read of each tap.
    func readings(
        _ filter: String?, _ backend: CaptureReader.Backend, _ anonymization: AnonymizeOptions
    ) throws -> [TapReading] {
        TapReading.all(
            try all, filter, backend, segmentLimit: maxSegments,
            mask: anonymization.mask(for: AnalysisOptions(files: try files)))
    }
}

/// The captures of one place as files, or those of several places as taps.
struct FileOrTapOptions: FileArguments {
    @Argument(help: InputOptions.help)
    var files: [String] = []

    @OptionGroup var taps: TapOptions

    func validate() throws {
        if taps.tap.isEmpty {
            return try validating { () throws(ArgumentFailure) in try FileNames.check(files) }
        }
        try validating(taps.requireTwo)
        if let file = files.first {
            throw ValidationError(
                "'\(file)' belongs to no tap: with --tap, every file needs a tap.")
        }
    }
}
