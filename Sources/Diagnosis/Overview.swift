public import TCPState
public import Wire

/// What all connections of a run have come to: counts, and those that are half-closed or stuck.
///
/// Every connection is given to it once, when it departs; only the stuck ones are kept, at about 250
/// bytes each.
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
    /// Connections of which only one end was seen to send, unanswered SYNs left out: what is said of
    /// the other end is a guess.
    public private(set) var oneSided: UInt64 = 0
    /// The half-closed and stuck connections, in the order of their departure.
    public private(set) var stuck: [StuckConnection] = []
    /// Where the tap was.
    public private(set) var vantage = VantageSurvey()
    /// The addresses on this side of the tap, as the user says.
    public let localAddresses: Set<Address>

    private let thresholds: Thresholds

    /// Begins with nothing.
    public init(local: Set<Address> = [], _ thresholds: Thresholds = .standard) {
        localAddresses = local
        self.thresholds = thresholds
    }

    /// Adds the counts of connections that left a full table: see ``take(_:at:)``.
    public mutating func add(evicted other: Overview) {
        endings.merge(other.endings, uniquingKeysWith: +)
        oneSided += other.oneSided
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
        let isUnanswered = connection.client.hasSentSYN && !connection.server.hasSent
        if connection.client.hasSent != connection.server.hasSent, !isUnanswered { oneSided += 1 }
        guard let end else { return }
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
        if let situation = Situation(of: connection, at: end, thresholds) {
            stuck.append(StuckConnection(record, situation))
        }
    }
}
