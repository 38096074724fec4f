/// Transitions as JSON lines: one object each.
public struct JSONTransitions: Format {
    private let style: JSONStyle

    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.style = style }

    /// Writes a line.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        sink.write(utf8: {
            JSONRecords.transition.appendLine(JSONRecords.TransitionEvent(row: row), style, to: &$0)
        })
    }
}
