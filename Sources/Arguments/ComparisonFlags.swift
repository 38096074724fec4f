/// The flags of a comparison of taps that depend on each other.
public struct ComparisonFlags: Sendable {
    /// The files of all taps.
    public var files: [String] = []
    /// Whether JSON is asked for.
    public var isJSON = false
    /// Whether a line for each segment is.
    public var hasSegments = false
    /// Whether every change of state is.
    public var hasTransitions = false
    /// Whether one connection is.
    public var hasConnection = false
    /// Whether packets are.
    public var hasEvidence = false

    /// No flags.
    public init() {}

    /// Refuses flags that contradict each other.
    ///
    /// - Parameter taps: refuses what is not enough taps.
    public func check(_ taps: () throws(ArgumentFailure) -> Void) throws(ArgumentFailure) {
        if hasSegments, !isJSON { throw ArgumentFailure("--segments needs --json.") }
        if hasTransitions, hasSegments || hasConnection {
            throw ArgumentFailure(
                "--transitions lists the state changes of all connections: use it without --segments and --connection."
            )
        }
        if hasSegments, hasConnection {
            throw ArgumentFailure(
                "--connection prints the segments already: it does not work with --segments.")
        }
        try taps()
        let readers = [
            (hasEvidence, "--evidence"), (hasTransitions, "--transitions"),
            (hasConnection, "--connection"),
        ]
        if let (_, flag) = readers.first(where: \.0) {
            try FlagChecks.refuseStreams(files, for: flag)
        }
    }
}
