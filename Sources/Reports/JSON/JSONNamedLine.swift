/// Content as a line of JSON: an object under the name of its kind.
public struct JSONNamedLine<Content>: Format {
    private let record: JSONRecord<Content>
    private let style: JSONStyle

    init(_ record: JSONRecord<Content>, _ style: JSONStyle) {
        self.record = record
        self.style = style
    }

    /// Writes a line.
    public mutating func write(_ content: Content, to sink: inout some Sink & ~Copyable) {
        sink.write(record.namedLine(content, style))
    }
}
