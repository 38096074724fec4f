public import TCPState

/// Sockets as JSON lines, with what a table has no column for.
public struct JSONSockets: Format {
    private let style: JSONStyle
    private let timers: StackProfile?

    /// - Parameters:
    ///   - style: how it is written.
    ///   - timers: whose timers to show; nil for none.
    public init(_ style: JSONStyle, timers: StackProfile? = nil) {
        self.style = style
        self.timers = timers
    }

    /// Writes a line for each socket.
    public mutating func write(_ table: SocketTable, to sink: inout some Sink & ~Copyable) {
        for row in table.rows {
            let socket = JSONRecords.SocketState(row: row, time: table.time, timers: timers)
            sink.write(JSONRecords.socket.line(socket, style))
        }
    }
}
