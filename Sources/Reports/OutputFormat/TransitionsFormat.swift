/// How changes of state are printed.
public enum TransitionsFormat: String, OutputFormat {
    /// A line of text for each.
    case text
    /// JSON lines.
    case json
    /// A Zeek log named tcpstate.
    case zeek
    /// The same as JSON lines.
    case zeekJSON = "zeek-json"

    /// Whether it is one of Zeek's.
    public var isZeek: Bool { self == .zeek || self == .zeekJSON }
}

/// In which order changes of state are printed.
public enum TransitionsOrder: String, CaseIterable, Sendable {
    /// By time.
    case time
    /// Connection by connection, each connection's when it ends.
    case connection
}
