public import TCPState

/// Connections as JSON lines: one object each.
public struct JSONConnections: Format {
    private let style: JSONStyle

    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.style = style }

    /// Writes a line.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        sink.write(utf8: { JSONRecords.connection.appendLine(record, style, to: &$0) })
    }
}
