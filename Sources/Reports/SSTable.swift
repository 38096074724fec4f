public import TCPState
internal import Wire

/// Sockets as Linux `ss -nta` prints them: the state first, in its own spelling.
public struct SSTable: Format {
    private let spelling: StateSpelling

    /// Makes one.
    public init(spelling: StateSpelling = .ss) { self.spelling = spelling }

    /// Writes the table with its head; the address columns are as wide as their longest entry.
    public mutating func write(_ table: SocketTable, to sink: inout some Sink & ~Copyable) {
        if let title = table.title { sink.write("# \(title)\n") }
        let ends = table.rows.map { row in
            Side.allCases.map { side in
                let side = side == .low ? row.side : row.side.peer
                return row.record.address(side).text(port: row.record.port(side))
            }
        }
        let near = ends.reduce(18) { max($0, $1[0].count) }
        let far = ends.reduce(17) { max($0, $1[1].count) }
        sink.write(
            "State".left(12) + "Recv-Q Send-Q " + "Local Address:Port".right(near) + " "
                + "Peer Address:Port".right(far) + "\n")
        for (row, end) in zip(table.rows, ends) {
            sink.write(
                row.state.name(spelling).left(12) + "0".left(6) + " "
                    + String(row.sendQueue).left(6) + " " + end[0].right(near) + " "
                    + end[1].right(far) + "\n")
        }
    }
}
