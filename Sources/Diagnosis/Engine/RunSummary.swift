public import TCPState
public import Wire

/// What all connections of a run have come to: counts, and what is the matter with them.
///
/// Every connection is given to it once, when it departs; none is kept but a few examples.
public struct RunSummary: Sendable {
    /// The clients' states at the end.
    public private(set) var clients = StateCounts()
    /// The servers' states at the end.
    public private(set) var servers = StateCounts()
    /// The states at the end of the ends that are local; empty if no address is.
    public private(set) var locals = StateCounts()
    /// The states at the end of all others; empty if no address is local.
    public private(set) var remotes = StateCounts()
    /// How the connections ended, by number.
    public var endings: [Ending: UInt64] {
        let counted = Ending.allCases.map { ($0, endingCounts[Int($0.rawValue)]) }
        return Dictionary(uniqueKeysWithValues: counted.filter { $0.1 > 0 })
    }
    private var endingCounts = [UInt64](repeating: 0, count: Ending.allCases.count)
    /// What is the matter with them.
    public private(set) var findings: FindingAggregator
    /// Where the tap was.
    public private(set) var vantage = TapLocator()
    /// The addresses on this side of the tap, as the user says.
    public let localAddresses: AddressSet

    /// Begins with nothing.
    ///
    /// - Parameter exampleLimit: how many connections of a finding are kept; nil for all.
    public init(
        local: AddressSet = [], _ thresholds: Thresholds = .standard, exampleLimit: Int? = 3
    ) {
        localAddresses = local
        findings = FindingAggregator(thresholds, exampleLimit: exampleLimit)
    }

    /// One for some of the connections, with nothing counted yet; see ``add(_:stream:)``.
    public func split() -> RunSummary {
        var shard = RunSummary(local: localAddresses)
        shard.findings = findings.split()
        return shard
    }

    /// Learns of a connection that is given later, at the end: all of them, or none. See
    /// `FindingAggregator.preview(_:_:of:)`.
    public mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        findings.preview(key, connection, of: count)
    }

    /// Learns of connections that were opened and are established.
    public mutating func previewEstablished() { findings.previewEstablished() }

    /// Learns of a connection that is nothing but a SYN.
    public mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        findings.previewAttempt(key, by: opener, of: count)
    }

    /// The same of what was noted of either.
    public mutating func preview(_ preview: ConnectionPreview, of count: Int) {
        findings.preview(preview, of: count)
    }

    /// Adds what another one was given.
    ///
    /// - Parameter stream: the number that a stream has in this run; nil if it has the same one.
    public mutating func add(_ other: RunSummary, stream: ((UInt32) -> UInt32)? = nil) {
        clients = clients + other.clients
        servers = servers + other.servers
        locals = locals + other.locals
        remotes = remotes + other.remotes
        findings.add(other.findings, stream: stream)
        for index in endingCounts.indices { endingCounts[index] += other.endingCounts[index] }
        vantage.add(other.vantage)
    }

    /// Counts a connection.
    ///
    /// - Parameter end: when the capture ended; nil for a connection that left a full table before
    ///   that, which is then in none of the states at the end.
    public mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at end: Timestamp?
    ) {
        vantage.add(record)
        endingCounts[Int(Ending(of: record.connection).rawValue)] += 1
        findings.add(record, at: end ?? record.connection.lastSeen)
        guard end != nil else { return }
        clients[record.connection.client.state] += 1
        servers[record.connection.server.state] += 1
        if !localAddresses.isEmpty {
            for side in Side.allCases {
                let state = record.connection[side].state
                if localAddresses.contains(record.address(side)) {
                    locals[state] += 1
                } else {
                    remotes[state] += 1
                }
            }
        }
    }
}
