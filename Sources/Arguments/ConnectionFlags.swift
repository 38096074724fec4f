internal import POSIX

/// The flags by which one connection is named, of captures or of taps.
public struct ConnectionFlags: Sendable {
    /// The captures, where there are no taps.
    public var files: [String] = []
    /// The files of the taps, where there are taps.
    public var tapFiles: [String]?
    /// How often a connection is named by its number.
    public var streams = 0
    /// How often by one of its frames.
    public var frames = 0
    /// How often by its ends.
    public var ends = 0
    /// Whether files are read while they grow.
    public var follows = false

    /// No flags.
    public init() {}

    /// Refuses flags that name no connection, or several.
    public func check() throws(ArgumentFailure) {
        let count = streams + frames + ends
        if count == 0, files.count == 1, FileIdentity(path: files[0]) == nil {
            throw ArgumentFailure(
                "'\(files[0])' is not a file, a state or a kind of finding; see 'wirestate help kinds'."
            )
        }
        if count == 0 {
            throw ArgumentFailure("Name one connection by --stream, --frame or --connection.")
        }
        if count > 1 {
            throw ArgumentFailure(
                "explain shows one connection: use one of --stream, --frame and --connection, once."
            )
        }
        if let tapFiles {
            if ends == 0 {
                throw ArgumentFailure("With --tap, name the connection by --connection.")
            }
            if follows { throw ArgumentFailure("--follow does not work with --tap.") }
            try FlagChecks.refuseStreams(tapFiles, for: "explain --tap")
        }
        if frames > 0 { try FlagChecks.refuseStreams(files, for: "--frame") }
    }
}
