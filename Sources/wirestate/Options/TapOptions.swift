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
    func requireTwo() throws {
        guard try all.count < 2 else { return }
        throw ValidationError(
            "Name two taps or more: --tap client=client.pcap --tap server=server.pcap.")
    }

    /// What to read of each tap.
    func readings(
        _ filter: String?, _ backend: CaptureReader.Backend, _ anonymization: AnonymizeOptions
    ) throws -> [TapReading] {
        let arguments = try all
        let mask = anonymization.mask(for: AnalysisOptions(files: try files))
        let limit = maxSegments ?? FreeMemory.connections * 8 / max(1, arguments.count)
        let bar = ProgressBar()
        return arguments.enumerated().map { index, argument in
            var reading = TapReading(name: argument.name, files: argument.files)
            reading.filter = filter
            reading.backend = backend
            reading.segmentLimit = limit
            reading.mask = mask
            // All taps are read at the same time: one bar stands for them.
            if index == 0 { reading.onProgress = { bar.show($0) } }
            return reading
        }
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
        try taps.requireTwo()
        if let file = files.first {
            throw ValidationError(
                "'\(file)' belongs to no tap: with --tap, every file needs a tap.")
        }
    }
}
