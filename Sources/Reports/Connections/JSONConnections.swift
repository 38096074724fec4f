public import TCPState

/// Connections as JSON lines: one object each.
public struct JSONConnections: Format {
    private let style: JSONStyle
    /// The last line.
    private var line: [UInt8] = []

    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.style = style }

    /// Writes a line.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        line.removeAll(keepingCapacity: true)
        JSONRecords.connection.appendLine(record, style, to: &line)
        sink.write(utf8: line)
    }
}
