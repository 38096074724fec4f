internal import Diagnosis
public import TCPState
internal import Wire

/// Connections for people: one line each. A pair of states where it has not ended. Where they have room, and in
/// a pipe, with bytes, start and duration, the addresses whole.
public struct TextConnections: Format {
    private let spelling: StateSpelling
    private let layout: TextLayout

    /// The columns from which on a terminal has room for more than the addresses.
    private static let wide = 132

    /// Makes one.
    public init(spelling: StateSpelling = .netstat, layout: TextLayout = TextLayout()) {
        self.spelling = spelling
        self.layout = layout
    }

    /// A narrow terminal has room for the addresses and the ending.
    private var hasPackets: Bool { layout.isWhole || layout.columns >= 76 }

    private var hasMore: Bool { layout.isWhole || layout.columns >= TextConnections.wide }

    /// Writes the head line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        let more = hasMore ? " " + "BYTES".right(10) + " START".left(28) + "DURATION" : ""
        let packets = hasPackets ? " PACKETS" : ""
        let (client, server) = widths(client: 21, server: 21, stream: 6, packets: packets.count)
        let head =
            "STREAM " + "CLIENT".left(client) + "   " + "SERVER".left(server) + packets + more
            + " ENDING"
        sink.write(layout.palette.faint(head) + "\n")
    }

    /// Writes a line.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let connection = record.connection
        let opener = connection.opener
        let stream = String(connection.stream).right(6)
        let client = record.address(opener).text(port: record.port(opener))
        let server = record.address(opener.peer).text(port: record.port(opener.peer))
        let count = connection.client.packets + connection.server.packets
        let packets = hasPackets ? " " + String(count).right(7) : ""
        let width = widths(
            client: client.count, server: server.count, stream: stream.count,
            packets: packets.count)
        sink.write(
            stream + " " + layout.fitted(client, width.client).left(width.client) + " → "
                + layout.fitted(server, width.server).left(width.server) + packets
                + more(connection) + " " + ending(connection) + "\n")
    }

    /// What one end does not need of its half, the other may take.
    private func widths(
        client: Int, server: Int, stream: Int, packets: Int
    ) -> (client: Int, server: Int) {
        if layout.isWhole { return (21, 21) }
        let room = layout.columns - stream - packets - 25 - (hasMore ? 48 : 0)
        let least = min(21, room / 2)
        let width = max(least, min(client, room - min(server, least)))
        return (min(width, 45), min(room - width, 45))
    }

    private func more(_ connection: Connection) -> String {
        guard hasMore else { return "" }
        let bytes = String(connection.client.payload + connection.server.payload)
        let duration = Age(connection.lastSeen - connection.firstSeen).description
        let start = layout.time(connection.firstSeen).iso8601(places: 6)
        return " " + bytes.right(10) + " " + start.left(27) + duration.withoutSpaces.right(8)
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
            return client == server ? client : layout.fitted("\(client)/\(server)", 20)
        }
    }
}

extension String {
    /// One word for awk.
    fileprivate var withoutSpaces: String { String(filter { $0 != " " }) }
}
