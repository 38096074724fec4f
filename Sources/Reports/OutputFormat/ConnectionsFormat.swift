/// How connections are printed.
public enum ConnectionsFormat: String, OutputFormat {
    /// A line of text for each.
    case text
    /// JSON lines.
    case json
    /// Comma-separated values.
    case csv
    /// Zeek's conn.log.
    case zeek
    /// Zeek's conn.log as JSON lines.
    case zeekJSON = "zeek-json"
    /// The connections that are still open, as a Zeek log of that name.
    case zeekOpen = "zeek-open"
    /// Suricata's flow records.
    case eve

    /// Whether rows are only printed once a connection is over, and from any reader.
    public var isWrittenAtTheEnd: Bool { [.text, .json, .csv].contains(self) }
}

/// In which order connections are printed.
public enum ConnectionsOrder: String, CaseIterable, Sendable {
    /// By their first segments.
    case start
    /// Each when it ends.
    case end
}
