public import TCPState
internal import Wire

/// Sockets as Linux `ss -nta` prints them: the state first, in its own spelling.
public struct SSTable: Format {
    private let spelling: StateSpelling
    private let timers: StackProfile?

    /// - Parameter timers: whose timers to show behind the addresses, as `ss -o` does; nil for none.
    public init(spelling: StateSpelling = .ss, timers: StackProfile? = nil) {
        self.spelling = spelling
        self.timers = timers
    }

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
                    + end[1].right(far) + timer(row, at: table.time) + "\n")
        }
    }

    /// ` timer:(timewait,42sec,0)`, where one runs.
    private func timer(_ row: SocketRow, at time: Timestamp?) -> String {
        guard let timers, let time else { return "" }
        let timer = row.timer(at: time, timers)
        guard timer.name != "off" else { return "" }
        let left = timer.left.map { "\($0.seconds)sec" } ?? "-"
        return " timer:(\(timer.name),\(left),0)"
    }
}
