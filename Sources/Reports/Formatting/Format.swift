/// A way to write some content: one type and one file per format.
public protocol Format<Content> {
    /// What it writes: a whole report, or one row of a list.
    associatedtype Content

    /// Writes what comes before the first row; nothing by default.
    mutating func begin(_ sink: inout some Sink & ~Copyable)
    /// Writes one piece of content.
    mutating func write(_ content: Content, to sink: inout some Sink & ~Copyable)
    /// Writes what comes after the last row; nothing by default.
    mutating func end(_ sink: inout some Sink & ~Copyable)
}

extension Format {
    /// Nothing.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {}

    /// Nothing.
    public mutating func end(_ sink: inout some Sink & ~Copyable) {}
}
