internal import Diagnosis
public import TCPState
internal import Wire

/// Connections for people: one line each, 80 columns. A pair of states where it has not ended.
public struct TextConnections: Format {
    private let spelling: StateSpelling
    private let palette: Palette

    /// Makes one.
    public init(spelling: StateSpelling = .netstat, palette: Palette = .plain) {
        self.spelling = spelling
        self.palette = palette
    }

    /// Writes the head line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        let head =
            "STREAM CLIENT                  SERVER                PACKETS ENDING"
        sink.write(palette.faint(head) + "\n")
    }

    /// Writes a line.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let connection = record.connection
        let opener = connection.opener
        let stream = String(connection.stream).right(6)
        let client = record.address(opener).text(port: record.port(opener))
        let server = record.address(opener.peer).text(port: record.port(opener.peer))
        let packets = String(connection.client.packets + connection.server.packets).right(7)
        // What one end does not need of its half, the other may take.
        let room = columns - stream.count - packets.count - 26
        let clientWidth = max(21, min(client.count, room - min(server.count, 21)))
        let serverWidth = room - clientWidth
        sink.write(
            stream + " " + client.elided(clientWidth).left(clientWidth) + " → "
                + server.elided(serverWidth).left(serverWidth) + " " + packets + " "
                + ending(connection) + "\n")
    }

    private func ending(_ connection: Connection) -> String {
        let ending = Ending(of: connection)
        switch ending {
        case .closedByClient, .closedByServer, .closedByBoth, .resetByClient, .resetByServer,
            .refused, .timedOut:
            return ending.words
        case .unanswered, .open, .halfClosed, .closing, .unknown:
            let client = connection.client.state.name(spelling)
            let server = connection.server.state.name(spelling)
            return client == server ? client : "\(client)/\(server)".elided(20)
        }
    }
}
