public import TCPState
internal import Wire

/// Sockets as Linux `netstat -ntaW` prints them, the state last and nothing after it. Leave it so: scripts
/// count with `awk '/^tcp/ {++S[$NF]}'`.
public struct NetstatTable: Format {
    private let spelling: StateSpelling
    private let timers: StackProfile?

    /// - Parameter timers: whose timers to show behind the state, as `netstat -o` does; nil for none.
    public init(spelling: StateSpelling = .netstat, timers: StackProfile? = nil) {
        self.spelling = spelling
        self.timers = timers
    }

    /// Writes the table with its head.
    public mutating func write(_ table: SocketTable, to sink: inout some Sink & ~Copyable) {
        if let title = table.title { sink.write("# \(title)\n") }
        sink.write(
            "Proto Recv-Q Send-Q Local Address           Foreign Address         State"
                + (timers == nil ? "" : "       Timer") + "\n")
        for row in table.rows {
            let local = row.record.address(row.side)
            let remote = row.record.address(row.side.peer)
            let near = "\(local):\(row.record.port(row.side))"
            let far = "\(remote):\(row.record.port(row.side.peer))"
            let protocolName = local.isIPv4 ? "tcp" : "tcp6"
            sink.write(
                protocolName.left(6) + "0".right(6) + " " + String(row.sendQueue).right(6) + " "
                    + near.left(23) + " " + far.left(23) + " " + state(row, at: table.time) + "\n")
        }
    }

    /// The state, and with timers `TIME_WAIT   timewait (42.50/0/0)`: seconds to go; `-` where no packet
    /// tells.
    private func state(_ row: SocketRow, at time: Timestamp?) -> String {
        guard let timers, let time else { return row.state.name(spelling) }
        let timer = row.timer(at: time, timers)
        let left = timer.left.map { left in
            let hundredths = left.nanoseconds / 10_000_000
            return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
        }
        return row.state.name(spelling).left(11) + " \(timer.name) (\(left ?? "-")/0/0)"
    }
}
