import ArgumentParser

/// How changes of state are printed.
enum TransitionsFormat: String, OutputFormat {
    /// A line of text for each.
    case text
    /// JSON lines.
    case json
    /// A Zeek log named tcpstate.
    case zeek
    /// The same as JSON lines.
    case zeekJSON = "zeek-json"

    /// Whether it is one of Zeek's.
    var isZeek: Bool { self == .zeek || self == .zeekJSON }
}

/// In which order changes of state are printed.
enum TransitionsOrder: String, CaseIterable, ExpressibleByArgument {
    case time, connection
}
