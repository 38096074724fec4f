/// Transitions as JSON lines: one object each.
public struct JSONTransitions: Format {
    private let style: JSONStyle
    /// The last line.
    private var line: [UInt8] = []

    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.style = style }

    /// Writes a line.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        line.removeAll(keepingCapacity: true)
        JSONRecords.transition.appendLine(JSONRecords.TransitionEvent(row: row), style, to: &line)
        sink.write(utf8: line)
    }
}
