public import TCPState
public import Wire

/// One connection of a group, as a report shows it.
public struct FindingExample: Sendable {
    /// What is the matter with it.
    public let finding: Finding
    /// What keeps it from being either open and well, or over; nil if nothing does.
    public let waitState: WaitState?
    /// Its addresses and ports.
    public let key: FlowKey
    /// Which end is the client.
    public let opener: Side
    /// Whether the handshake shows that; otherwise port numbers do.
    public let areRolesKnown: Bool
    /// Wireshark's number of its stream.
    public internal(set) var stream: UInt32
    /// When its first segment went past.
    public let firstSeen: Timestamp
    /// When its last one did.
    public let lastSeen: Timestamp
    /// What was odd.
    public let anomalies: Anomalies
    /// The client.
    public let client: End
    /// The server.
    public let server: End
    /// The local programs that hold its sockets, where they are known.
    public var process: String?

    /// The time stamp of the client's first segment; 0 without one.
    let firstTimestampValue: UInt32
    /// Which rivals it refutes, and by what.
    public let refutations: [Refutation]
    /// The RST that ended it; nil without one.
    public let reset: RareFacts.Reset?
    /// The ICMP error that quotes it; nil without one.
    public let icmp: ICMPError?

    /// One end, as it stands.
    public struct End: Sendable {
        /// Its state.
        public let state: State
        /// How sure that is.
        public let grade: Grade
        /// Since when.
        public let since: Timestamp
        /// The frame that shows it.
        public let frame: UInt64
        /// Bytes that it sent and that are not acknowledged, SYN and FIN included.
        public let unacknowledgedBytes: UInt32
        /// Retransmissions since its peer last acknowledged anything new.
        public let unansweredRetransmissions: UInt16
        /// Keepalive probes since its peer last sent anything.
        public let unansweredKeepalives: UInt16

        init(_ endpoint: Endpoint) {
            state = endpoint.state
            grade = endpoint.grade
            since = endpoint.since
            frame = endpoint.sinceFrame
            unacknowledgedBytes = endpoint.unacknowledgedBytes
            unansweredRetransmissions = endpoint.unansweredRetransmissions
            unansweredKeepalives = endpoint.unansweredKeepalives
        }
    }

    init(_ examiner: borrowing ConnectionExaminer, _ finding: Finding) {
        self.finding = finding
        waitState = examiner.waitState
        key = examiner.record.key
        opener = examiner.record.connection.opener
        areRolesKnown = examiner.record.connection.isOpenerKnown
        stream = examiner.record.connection.stream
        firstSeen = examiner.record.connection.firstSeen
        lastSeen = examiner.record.connection.lastSeen
        anomalies = examiner.record.connection.anomalies
        refutations = examiner.refutations(of: finding)
        firstTimestampValue = examiner.client.first.timestampValue
        reset = examiner.rareFacts?.reset
        icmp = examiner.rareFacts?.icmp?.error
        client = End(examiner.client)
        server = End(examiner.server)
    }

    /// The end in a role.
    public subscript(role: Role) -> End { role == .client ? client : server }

    /// The address of the end in a role.
    public func address(_ role: Role) -> Address {
        key.address(role == .client ? opener : opener.peer)
    }

    /// The port of the end in a role.
    public func port(_ role: Role) -> UInt16 { key.port(role == .client ? opener : opener.peer) }

    /// The server's address and port.
    var service: Service { Service(address: address(.server), port: port(.server)) }

    /// Address and port of the end in a role.
    public func name(_ role: Role) -> String { address(role).text(port: port(role)) }

    /// Before another one in a list: the older trouble. No two are equal in the order.
    func precedes(_ other: FindingExample) -> Bool {
        finding.since == other.finding.since && finding.frame == other.finding.frame
            ? stream < other.stream : finding.precedes(other.finding)
    }
}

extension Finding {
    /// Before another one in a list: the older trouble.
    func precedes(_ other: Finding) -> Bool {
        (since, frame) < (other.since, other.frame)
    }
}
