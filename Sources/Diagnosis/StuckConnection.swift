public import TCPState
public import Wire

/// A half-closed or stuck connection: what a report needs of it, and no more.
public struct StuckConnection: Sendable {
    /// What is the matter.
    public let situation: Situation
    /// Wireshark's stream number.
    public let stream: UInt32
    /// Whether the handshake shows who is the client; otherwise it is a guess by port numbers.
    public let areRolesKnown: Bool
    /// What was odd.
    public let anomalies: Anomalies
    /// The opener.
    public let client: End
    /// The other end.
    public let server: End
    /// Since when the situation lasts.
    public let since: Timestamp
    /// The frame that shows it: the one that began it, or for a stall the connection's last one.
    public let frame: UInt64
    /// How sure the situation is.
    public let grade: Grade

    /// Takes down a connection, which is in the situation.
    public init(_ record: ConnectionRecord, _ situation: Situation) {
        let connection = record.connection
        self.situation = situation
        stream = connection.stream
        areRolesKnown = connection.isOpenerKnown
        anomalies = connection.anomalies
        let opener = connection.opener
        client = End(connection.client, record.address(opener), record.port(opener))
        server = End(connection.server, record.address(opener.peer), record.port(opener.peer))
        (since, frame, grade) = StuckConnection.evidence(connection, situation)
    }

    /// The end in a role.
    public subscript(role: Role) -> End { role == .client ? client : server }

    /// When the situation began, the frame that shows it, and how sure it is.
    private static func evidence(
        _ connection: Connection, _ situation: Situation
    ) -> (Timestamp, UInt64, Grade) {
        func entry(_ end: Endpoint) -> (Timestamp, UInt64, Grade) {
            (end.since, end.sinceFrame, end.grade)
        }
        switch situation {
        case .halfClosed(let closer), .workingHalfClose(let closer):
            let open = connection[closer.peer]
            return entry(open.state == .closeWait ? open : connection[closer])
        case .halfOpen(let remaining): return entry(connection[remaining.peer])
        case .closing(let sender), .opening(let sender): return entry(connection[sender])
        case .unansweredData(let sender):
            return (connection[sender].unacknowledgedSince, connection.lastFrame, .inferred)
        case .zeroWindow(let receiver):
            return (connection[receiver].zeroWindowSince, connection.lastFrame, .proved)
        case .unansweredKeepalives(let prober):
            let silent = connection[prober.peer]
            let since = silent.hasSent ? silent.lastSent : connection.firstSeen
            return (since, connection.lastFrame, .inferred)
        }
    }
}
