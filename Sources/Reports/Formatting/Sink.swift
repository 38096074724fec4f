/// Takes the bytes of a report: a file descriptor, or memory.
///
/// Trouble is the sink's own: it keeps it for its owner and swallows what comes after.
public protocol Sink: ~Copyable {
    /// Appends text.
    mutating func write(_ text: String)
}

/// A sink that keeps what it takes.
public struct TextSink: Sink {
    /// All of it.
    public private(set) var text = ""

    /// An empty one.
    public init() {}

    /// Appends text.
    public mutating func write(_ text: String) { self.text += text }
}
