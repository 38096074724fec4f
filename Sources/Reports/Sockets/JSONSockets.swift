internal import Diagnosis
public import TCPState
internal import Wire

/// Sockets as JSON lines, with what a table has no column for.
public struct JSONSockets: Format {
    private let spelling: StateSpelling

    /// Makes one.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes a line for each socket.
    public mutating func write(_ table: SocketTable, to sink: inout some Sink & ~Copyable) {
        for row in table.rows {
            let peer = row.side.peer
            var line = JSONObject()
            line.add("at", table.time?.nanoseconds)
            line.add("proto", row.record.address(row.side).isIPv4 ? "tcp" : "tcp6")
            line.add("send_queue", row.sendQueue)
            line.add("local", row.record.address(row.side).text(port: row.record.port(row.side)))
            line.add("remote", row.record.address(peer).text(port: row.record.port(peer)))
            line.add("endpoint", row.record.connection.role(row.side).name)
            line.add("state", row.state.name(spelling))
            line.add("since", row.since.nanoseconds)
            line.add("grade", row.grade.name)
            line.add("stream", row.record.connection.stream)
            line.add("connection", row.record.connection.serial)
            sink.write(line.description + "\n")
        }
    }
}
