/// The flags of a merge of parts that depend on each other.
public struct MergeFlags: Sendable {
    /// What is printed.
    public enum Printed: String, CaseIterable, Sendable {
        case report, connections, transitions, states
    }

    /// What is printed.
    public var printed = Printed.report
    /// The time between two counts of states.
    public var every = "1m"
    /// Whether it is printed as JSON.
    public var isJSON = false
    /// Whether it is as Markdown.
    public var isMarkdown = false
    /// Whether it is as comma-separated values.
    public var isCSV = false
    /// Whether the rows of one shard are asked for.
    public var hasShard = false
    /// Whether a database is asked for.
    public var hasDatabase = false
    /// Flags that need the captures, each with whether it is given.
    public var needingCaptures: [(flag: String, isGiven: Bool)] = []

    /// No flags.
    public init() {}

    /// Refuses flags that mean nothing, or contradict each other.
    public func check() throws(ArgumentFailure) {
        if hasShard, printed == .report {
            throw ArgumentFailure("--shard needs --print connections, transitions or states.")
        }
        _ = try FlagChecks.interval(every, of: "--every", example: "1s or 1m")
        if isMarkdown, printed != .report {
            throw ArgumentFailure("Markdown needs --print report.")
        }
        try FlagChecks.refuse(needingCaptures) { flag in
            "\(flag) needs the captures themselves: use 'wirestate report \(flag)' on them."
        }
        if isCSV, printed != .connections || isJSON {
            throw ArgumentFailure("--csv goes with --print connections.")
        }
        if hasDatabase, printed != .report {
            throw ArgumentFailure("--sqlite needs --print report.")
        }
    }
}
