internal import Diagnosis
public import TCPState
internal import Wire

/// Connections as comma-separated values with a header line. RFC 4180, with LF line ends. Times are nanoseconds
/// since 1970.
public struct CSVConnections: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering

    /// The columns in their order, named as in JSON.
    static let columns = [
        "stream", "connection", "src", "sport", "dst", "dport", "first_seen", "last_seen",
        "first_frame",
        "last_frame", "packets", "client_bytes", "server_bytes", "client_state", "server_state",
        "close_cause", "closer",
    ]

    /// - Parameter frames: how frames are named.
    public init(spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile) {
        self.spelling = spelling
        self.frames = frames
    }

    /// Writes the header line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        sink.write(CSVConnections.columns.joined(separator: ",") + "\n")
    }

    /// Writes a line. No value needs quotes: they are numbers, addresses, times and names.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let connection = record.connection
        let opener = connection.opener
        let ending = Ending(of: connection)
        let values = [
            "\(connection.stream)", "\(connection.serial)", "\(record.address(opener))",
            "\(record.port(opener))", "\(record.address(opener.peer))",
            "\(record.port(opener.peer))",
            "\(connection.firstSeen.nanoseconds)", "\(connection.lastSeen.nanoseconds)",
            frames.text(connection.firstFrame), frames.text(connection.lastFrame),
            "\(connection.client.packets + connection.server.packets)",
            "\(connection.client.bytes)",
            "\(connection.server.bytes)", connection.client.state.name(spelling),
            connection.server.state.name(spelling), ending.cause, ending.closer ?? "",
        ]
        sink.write(values.joined(separator: ",") + "\n")
    }
}
