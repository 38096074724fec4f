import ArgumentParser
import Arguments

/// The names of the capture files that a command reads.
protocol FileArguments: ParsableArguments {
    /// In their order.
    var files: [String] { get }
}

/// The capture files that a command reads.
struct InputOptions: FileArguments {
    @Argument(help: InputOptions.help)
    var files: [String]

    /// What the files are.
    static let help: ArgumentHelp =
        "Capture files (pcap or pcapng), merged by time; '-' is standard input."

    mutating func validate() throws {
        try validating { [files] () throws(ArgumentFailure) in try FileNames.check(files) }
    }
}
