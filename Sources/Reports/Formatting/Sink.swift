/// Takes the bytes of a report: a file descriptor, or memory.
///
/// Trouble is the sink's own: it keeps it for its owner and swallows what comes after.
public protocol Sink: ~Copyable {
    /// Appends text.
    mutating func write(_ text: String)
    /// Has text in UTF-8 appended to what it is given: in its place, where the sink keeps that in memory; by way of a
    /// `String` where the sink has no other.
    mutating func write(utf8 append: (inout [UInt8]) -> Void)
}

extension Sink where Self: ~Copyable {
    /// Has text in UTF-8 appended to what it is given.
    public mutating func write(utf8 append: (inout [UInt8]) -> Void) {
        var text: [UInt8] = []
        append(&text)
        write(String(decoding: text, as: UTF8.self))
    }
}

/// A sink that keeps what it takes, in UTF-8.
public struct UTF8Sink: Sink {
    /// All of it.
    public private(set) var text: [UInt8] = []

    /// An empty one.
    public init() {}

    /// Appends text.
    public mutating func write(_ text: String) { self.text.append(contentsOf: text.utf8) }

    /// Has text in UTF-8 appended.
    public mutating func write(utf8 append: (inout [UInt8]) -> Void) { append(&text) }
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
