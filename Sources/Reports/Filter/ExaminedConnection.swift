public import Diagnosis
public import TCPState
public import Wire

/// A connection of a capture as a filter sees it: what is the matter with it is looked for only where the filter
/// asks.
public struct ExaminedConnection: FilteredConnection {
    private let record: ConnectionRecord
    private let now: Timestamp
    private let limits: Thresholds

    /// - Parameters:
    ///   - record: the connection, as it was at the end.
    ///   - now: when the capture ended, or when the connection left the table before.
    public init(
        _ record: ConnectionRecord, at now: Timestamp, _ limits: Thresholds = .standard
    ) {
        self.record = record
        self.now = max(now, record.connection.lastSeen)
        self.limits = limits
    }

    private var examiner: ConnectionExaminer { ConnectionExaminer(record, at: now, limits) }

    /// What is the matter with it alone.
    public var findings: [Finding] { examiner.findings }

    /// Whether an end waits for the other, and it needs an action.
    public var isStuck: Bool { examiner.problem != nil }

    /// The state of an end.
    public func state(_ role: Role) -> State {
        record.connection[record.connection.side(role)].state
    }

    /// The address of an end.
    public func address(_ role: Role) -> Address { record.address(record.connection.side(role)) }

    /// The port of an end.
    public func port(_ role: Role) -> UInt16 { record.port(record.connection.side(role)) }

    /// The time since either end's state changed last, or since the trouble began.
    public var age: TimeSpan {
        let connection = record.connection
        let since =
            examiner.problem?.finding.since ?? max(connection.client.since, connection.server.since)
        return max(0, now - since)
    }

    /// Payload bytes of both ends.
    public var bytes: UInt64 { record.connection.client.payload + record.connection.server.payload }

    /// Retransmitted segments of both ends.
    public var retransmissions: UInt64 {
        UInt64(record.connection.client.retransmissions)
            + UInt64(record.connection.server.retransmissions)
    }

    /// No program is known from a capture.
    public var process: String? { nil }
}
