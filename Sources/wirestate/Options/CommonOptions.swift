import Analysis
public import ArgumentParser
public import Capture
public import Diagnosis
import Documents
import POSIX
import Reports
import TCPState
import Wire

/// The flags that all commands over captures share.
typealias CommonOptions = AnalysisFlags<InputOptions>

/// The same, with files that may be named in some other way.
struct AnalysisFlags<Input: FileArguments>: ParsableArguments {
    @OptionGroup var input: Input

    @OptionGroup var tracking: TrackingOptions

    @Option(
        help: ArgumentHelp(
            "Where the capture was taken (default: detected).",
            valueName: "place"))
    var vantage: Vantage?

    @Option(
        help: ArgumentHelp(
            "Number of threads; the output does not depend on it. Default: one per core, at most 16.",
            valueName: "count"))
    var threads: Int?

    @Flag(help: "Verify the checksums of every packet (slower).")
    var verifyChecksums = false

    @Flag(help: "Keep reading while the files grow, until interrupted (Ctrl-C).")
    var follow = false

    @OptionGroup var anonymization: AnonymizeOptions

    @Option(help: .hidden)
    var engine: CaptureReader.Backend = .automatic

    /// See ``FileArguments``.
    var files: [String] { input.files }

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

    /// How what is printed is written.
    var style: DocumentStyle {
        DocumentStyle(spelling: states, layout: layout, names: tracking.names)
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
        if let threads, threads < 1 || threads > 256 {
            throw ValidationError("--threads must be between 1 and 256.")
        }
    }
}

extension Vantage: ExpressibleByArgument {}
extension CaptureReader.Backend: ExpressibleByArgument {}
