public import Capture
public import Reports

/// What became of an analysis' input.
public struct InputResult: Sendable {
    /// What was read.
    public let summary: InputSummary
    /// What was wrong with the files.
    public let problems: [CaptureError]

    /// Whether problems kept every file from giving a single frame.
    public var hasNothing: Bool {
        summary.frames == 0 && summary.skipped == 0 && !problems.isEmpty
    }
}
