public import TCPState
internal import Wire

/// Sockets as Linux `netstat -ntaW` prints them, the state last and nothing after it. Leave it so: scripts
/// count with `awk '/^tcp/ {++S[$NF]}'`.
public struct NetstatTable: Format {
    private let spelling: StateSpelling

    /// Makes one.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes the table with its head.
    public mutating func write(_ table: SocketTable, to sink: inout some Sink & ~Copyable) {
        if let title = table.title { sink.write("# \(title)\n") }
        sink.write(
            "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n")
        for row in table.rows {
            let local = row.record.address(row.side)
            let remote = row.record.address(row.side.peer)
            let near = "\(local):\(row.record.port(row.side))"
            let far = "\(remote):\(row.record.port(row.side.peer))"
            let protocolName = local.isIPv4 ? "tcp" : "tcp6"
            sink.write(
                protocolName.left(6) + "0".right(6) + " " + String(row.sendQueue).right(6) + " "
                    + near.left(23) + " " + far.left(23) + " " + row.state.name(spelling) + "\n")
        }
    }
}
