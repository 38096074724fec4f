import Analysis
public import ArgumentParser
public import Capture
public import Diagnosis
import POSIX
import Reports
import TCPState
import Wire

/// The flags that all commands over captures share.
struct CommonOptions: ParsableArguments {
    @Argument(help: "Capture files (pcap or pcapng), merged by time; '-' is standard input.")
    var files: [String]

    @OptionGroup var tracking: TrackingOptions

    @Option(
        help: ArgumentHelp(
            "Where the capture was taken (default: detected).",
            valueName: "place"))
    var vantage: Vantage?

    @Option(
        help: ArgumentHelp(
            "Number of threads; the output is the same. Default: one per core, at most 16.",
            valueName: "count"))
    var threads: Int?

    @Flag(help: "Verify the checksums of every packet (slower).")
    var verifyChecksums = false

    @Flag(help: "Keep reading while the files grow, until interrupted (Ctrl-C).")
    var follow = false

    @OptionGroup var anonymization: AnonymizeOptions

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    /// The files that are read, which no output may be.
    var inputs: [FileIdentity] { files.compactMap { FileIdentity(path: $0) } }

    /// How frames are named while nobody knows yet whether files overlap.
    var eventNumbering: FrameNumbering {
        files.count > 1 ? FrameNumbering(before: nil) : .oneFile
    }

    /// See ``TrackingOptions``.
    var states: StateSpelling { tracking.states }
    /// See ``TrackingOptions``.
    var profile: StackProfile { tracking.profile }
    /// See ``TrackingOptions``.
    var json: Bool { tracking.json }
    /// See ``TextOptions``.
    var layout: TextLayout { tracking.text.layout }

    /// How JSON is written.
    func style(_ frames: FrameNumbering = .oneFile) -> JSONStyle {
        JSONStyle(spelling: states, frames: frames, names: tracking.names)
    }

    /// What these flags ask an analysis for.
    var analysis: CaptureAnalysis {
        var options = AnalysisOptions(files: files)
        options.filter = tracking.expression
        options.backend = engine
        options.profile = tracking.profile
        options.connectionLimit = tracking.connectionLimit
        options.threads = threads
        options.follow = follow
        options.verifiesChecksums = verifyChecksums
        options.vantage = vantage
        options.localAddresses = tracking.localAddresses
        let bar = ProgressBar()
        if let mask = anonymization.mask(for: options) { options.anonymize(by: mask) }
        options.onProgress = { bar.show($0) }
        return CaptureAnalysis(options)
    }

    mutating func validate() throws {
        if files.isEmpty {
            throw ValidationError("Name a capture file, or '-' for standard input.")
        }
        if files.count > 65_536 {
            throw ValidationError("At most 65,536 files can be read at once.")
        }
        if files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input ('-') can be named only once.")
        }
        if let place = files.firstIndex(where: isFilterWord), place > 0 {
            let names = files[..<place].joined(separator: " ")
            let filter = files[place...].joined(separator: " ")
            throw ValidationError(
                "'\(files[place])' is not a file. A filter goes after '--': wirestate \(names) -- \(filter)"
            )
        }
        if let threads, threads < 1 || threads > 256 {
            throw ValidationError("--threads must be between 1 and 256.")
        }
    }
}

/// Whether a word begins a filter of pcap-filter(7), and names no file.
private func isFilterWord(_ word: String) -> Bool {
    let words: Set<String> = [
        "port", "host", "net", "portrange", "src", "dst", "tcp", "ip", "ip6", "vlan", "ether",
        "not", "and", "or",
    ]
    return words.contains(word) && FileIdentity(path: word) == nil
}

extension Vantage: ExpressibleByArgument {}
extension CaptureReader.Backend: ExpressibleByArgument {}
