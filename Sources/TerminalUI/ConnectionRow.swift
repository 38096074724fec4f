public import Diagnosis
public import Reports
public import TCPState
public import Wire

/// A line of the screen's table.
public struct ConnectionRow: Sendable {
    /// One end.
    public struct End: Sendable {
        /// Its address.
        public let address: Address
        /// Its port.
        public let port: UInt16
        /// Its state.
        public let state: State
        /// How sure that is.
        public let grade: Grade

        var text: String { address.text(port: port) }
    }

    /// The connection's serial number.
    public let serial: UInt32
    /// By which the tracker finds it.
    public let key: FlowKey
    /// The opener.
    public let client: End
    /// The other end.
    public let server: End
    /// What is the matter, if it is stuck or half-closed.
    let problem: Finding?
    /// How long ago either end's state changed last, or since the trouble began.
    public let age: TimeSpan
    /// Payload bytes of both ends.
    public let bytes: UInt64
    /// Segments of both ends that were repeated.
    public let retransmissions: UInt64
    /// The local program that holds the socket, where it is known.
    public let process: String?

    /// Takes down a connection as it is now.
    public init(
        _ record: ConnectionRecord, problem example: FindingExample?, process: String?,
        at now: Timestamp
    ) {
        let connection = record.connection
        let key = record.key
        serial = connection.serial
        self.key = key
        func end(_ side: Side) -> End {
            End(
                address: key.address(side), port: key.port(side), state: connection[side].state,
                grade: connection[side].grade)
        }
        client = end(connection.opener)
        server = end(connection.opener.peer)
        problem = example?.finding
        let since = example?.finding.since ?? max(connection.client.since, connection.server.since)
        age = max(0, now - since)
        bytes = connection.client.payload + connection.server.payload
        retransmissions =
            UInt64(connection.client.retransmissions) + UInt64(connection.server.retransmissions)
        self.process = process
    }

    /// Whether nothing more is expected of it but timers.
    var isOver: Bool {
        [client, server].allSatisfy { end in
            switch end.state {
            case .unknown, .closed, .listen, .timeWait: true
            case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
                .lastAck:
                false
            }
        }
    }

}

extension ConnectionRow: FilteredConnection {
    private func end(_ role: Role) -> End { role == .client ? client : server }

    /// The state of an end.
    public func state(_ role: Role) -> State { end(role).state }
    /// The address of an end.
    public func address(_ role: Role) -> Address { end(role).address }
    /// The port of an end.
    public func port(_ role: Role) -> UInt16 { end(role).port }
    /// What is the matter, if it is stuck or half-closed.
    public var findings: [Finding] { problem.map { [$0] } ?? [] }
    /// Whether an end waits for the other, and it needs an action.
    public var isStuck: Bool { problem != nil }
}

/// In which order the table stands.
public enum Order: String, CaseIterable, Sendable {
    /// What is stuck first, the worst and oldest first; what is over last.
    case problem
    /// The oldest state first.
    case age
    /// The newest connection first.
    case newest
    /// The most payload first.
    case bytes
    /// The most retransmissions first.
    case retransmissions

    /// Whether one row stands before another.
    func precedes(_ a: ConnectionRow, _ b: ConnectionRow) -> Bool {
        switch self {
        case .problem: (a.rank, -a.age, a.serial) < (b.rank, -b.age, b.serial)
        case .age: (-a.age, a.serial) < (-b.age, b.serial)
        case .newest: a.serial > b.serial
        case .bytes: (b.bytes, a.serial) < (a.bytes, b.serial)
        case .retransmissions:
            (b.retransmissions, a.serial) < (a.retransmissions, b.serial)
        }
    }
}

extension ConnectionRow {
    fileprivate var rank: Int { problem.map { Int($0.severity.rawValue) } ?? (isOver ? 200 : 100) }
}
