internal import Diagnosis
public import TCPState
internal import Wire

/// Connections as JSON lines: one object each.
public struct JSONConnections: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering

    /// - Parameter frames: how frames are named.
    public init(spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile) {
        self.spelling = spelling
        self.frames = frames
    }

    /// Writes a line.
    public mutating func write(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let connection = record.connection
        let opener = connection.opener
        let ending = Ending(of: connection)
        var line = JSONObject()
        line.add("src", record.address(opener).description)
        line.add("sport", record.port(opener))
        line.add("dst", record.address(opener.peer).description)
        line.add("dport", record.port(opener.peer))
        line.add("packets", connection.client.packets + connection.server.packets)
        // tshark prints the mask as it stood before a frame, the Wireshark window as it ends up.
        line.add("completeness", connection.completenessBeforeLast)
        line.add("completeness_final", connection.completeness)
        line.add("stream", connection.stream)
        line.add("connection", connection.serial)
        line.add("roles_known", connection.isOpenerKnown)
        line.add("first_time", connection.firstSeen.nanoseconds)
        line.add("last_time", connection.lastSeen.nanoseconds)
        add("first_frame", connection.firstFrame, &line)
        add("last_frame", connection.lastFrame, &line)
        line.add("client_state", connection.client.state.name(spelling))
        line.add("server_state", connection.server.state.name(spelling))
        line.add("close_cause", ending.cause)
        line.add("closer", ending.closer)
        for role in Role.allCases { line.add(role.name, end(connection[role])) }
        line.add("anomalies", anomalyNames(connection.anomalies))
        sink.write(line.description + "\n")
    }

    private func add(_ name: String, _ frame: UInt64, _ line: inout JSONObject) {
        line.add(name, frames.number(frame))
        if let file = frames.file(frame) { line.add(name + "_file", file) }
    }

    private func end(_ end: Endpoint) -> JSONObject {
        var object = JSONObject()
        object.add("packets", end.packets)
        object.add("bytes", end.bytes)
        object.add("payload", end.payload)
        object.add("syn", end.synCount)
        object.add("fin", end.finCount)
        object.add("rst", end.rstCount)
        object.add("retransmissions", end.retransmissions)
        object.add("keepalives", end.keepalives)
        object.add("unacknowledged", end.unacknowledgedBytes)
        object.add("grade", end.grade.name)
        return object
    }
}
