public import TCPState
public import Wire

/// What all connections of a run have come to: counts, and what is the matter with them.
///
/// Every connection is given to it once, when it departs; none is kept but a few examples.
public struct Overview: Sendable {
    /// The clients' states at the end.
    public private(set) var clients = StateCounts()
    /// The servers' states at the end.
    public private(set) var servers = StateCounts()
    /// The states at the end of the ends that are local; empty if no address is.
    public private(set) var locals = StateCounts()
    /// The states at the end of all others; empty if no address is local.
    public private(set) var remotes = StateCounts()
    /// How the connections ended.
    public private(set) var endings: [Ending: UInt64] = [:]
    /// What is the matter with them.
    public private(set) var findings: Findings
    /// Where the tap was.
    public private(set) var vantage = VantageSurvey()
    /// The addresses on this side of the tap, as the user says.
    public let localAddresses: Set<Address>

    /// Begins with nothing.
    ///
    /// - Parameter exampleLimit: how many connections of a finding are kept; nil for all.
    public init(
        local: Set<Address> = [], _ thresholds: Thresholds = .standard, exampleLimit: Int? = 3
    ) {
        localAddresses = local
        findings = Findings(thresholds, exampleLimit: exampleLimit)
    }

    /// Adds what another one was given.
    ///
    /// - Parameter stream: the number of a stream in this run, by its number there.
    public mutating func add(_ other: Overview, stream: (UInt32) -> UInt32) {
        clients = clients + other.clients
        servers = servers + other.servers
        locals = locals + other.locals
        remotes = remotes + other.remotes
        findings.add(other.findings, stream: stream)
        endings.merge(other.endings, uniquingKeysWith: +)
        vantage.add(other.vantage)
    }

    /// Counts a connection.
    ///
    /// - Parameter end: when the capture ended; nil for a connection that left a full table before
    ///   that, which is then in none of the states at the end.
    public mutating func take(_ record: ConnectionRecord, at end: Timestamp?) {
        let connection = record.connection
        vantage.take(record)
        endings[Ending(of: connection), default: 0] += 1
        findings.take(record, at: end ?? connection.lastSeen)
        guard end != nil else { return }
        clients[connection.client.state] += 1
        servers[connection.server.state] += 1
        if !localAddresses.isEmpty {
            for side in Side.allCases {
                let state = connection[side].state
                if localAddresses.contains(record.address(side)) {
                    locals[state] += 1
                } else {
                    remotes[state] += 1
                }
            }
        }
    }
}
