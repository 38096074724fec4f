/// How changes of state are printed.
public enum TransitionsFormat: String, CaseIterable, Sendable {
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
