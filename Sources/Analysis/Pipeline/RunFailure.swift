/// Why a run ends without a result, or with one that is not whole.
public struct RunFailure: Error, Hashable, Sendable {
    /// What is to be changed before another try.
    public enum Cause: Hashable, Sendable {
        /// What was asked for is not there, or contradicts what is.
        case request
        /// A file, an interface or the output failed.
        case system
    }

    /// What to say, a line for each; none where it has been said.
    public let lines: [String]
    /// What is to be changed.
    public let cause: Cause

    /// A failure in words.
    public init(lines: [String] = [], cause: Cause = .system) {
        self.lines = lines
        self.cause = cause
    }

    /// A failure in one line.
    public init(_ line: String, cause: Cause = .system) { self.init(lines: [line], cause: cause) }
}
