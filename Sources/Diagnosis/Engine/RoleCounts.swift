public import TCPState
public import Wire

/// How many clients and servers, and how many local and remote ends, are in each state.
public struct RoleCounts: Sendable {
    /// The clients.
    public private(set) var clients = StateCounts()
    /// The servers.
    public private(set) var servers = StateCounts()
    /// The ends with an address of this host.
    public private(set) var locals = StateCounts()
    /// All others.
    public private(set) var remotes = StateCounts()
    /// How many connections.
    public private(set) var connections = 0
    private let addresses: AddressSet

    /// - Parameter local: this host's addresses; empty where it is not asked whose an end is.
    public init(local: AddressSet) { addresses = local }

    /// Whether local ends are counted apart.
    public var hasLocals: Bool { !addresses.isEmpty }

    /// Counts a connection; what is only a copy of another one does not count.
    public mutating func count(_ record: ConnectionRecord) {
        let connection = record.connection
        guard !connection.anomalies.contains(.seenElsewhere) else { return }
        connections += 1
        clients[connection.client.state] += 1
        servers[connection.server.state] += 1
        guard hasLocals else { return }
        for side in Side.allCases {
            if addresses.contains(record.address(side)) {
                locals[connection[side].state] += 1
            } else {
                remotes[connection[side].state] += 1
            }
        }
    }
}
