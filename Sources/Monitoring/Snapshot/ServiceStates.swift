public import Diagnosis
internal import Reports
public import TCPState
public import Wire

/// The states of the ends of some services' connections: those services that have stuck ones, up to a number.
public struct ServiceStates: Sendable {
    /// One service.
    public struct Counts: Sendable {
        /// The clients' states.
        public fileprivate(set) var clients = StateCounts()
        /// The servers'.
        public fileprivate(set) var servers = StateCounts()
        /// How many of the connections are stuck.
        public fileprivate(set) var stuck: UInt64 = 0
        /// When the oldest trouble of these began; nil without any.
        public fileprivate(set) var oldest: Timestamp?
    }

    /// The services and their numbers.
    public private(set) var counts: [Service: Counts] = [:]
    private let limit: Int

    /// - Parameters:
    ///   - limit: as many services are counted.
    ///   - previous: a service that had stuck connections a round before is counted from the round's beginning.
    public init(limit: Int, after previous: ServiceStates? = nil) {
        self.limit = limit
        let stuck = (previous?.counts ?? [:]).filter { $0.value.stuck > 0 }
        for service in stuck.keys { counts[service] = Counts() }
    }

    /// Counts a connection.
    ///
    /// - Parameter trouble: when it became stuck; nil of one that is not.
    public mutating func count(
        _ record: borrowing @_addressable ConnectionRecord, stuckSince trouble: Timestamp?
    ) {
        if counts.isEmpty, trouble == nil { return }
        let server = record.connection.opener.peer
        let service = Service(address: record.address(server), port: record.port(server))
        guard trouble != nil && counts.count < limit || counts[service] != nil else { return }
        counts[service, default: Counts()].clients[record.connection.client.state] += 1
        counts[service, default: Counts()].servers[record.connection.server.state] += 1
        guard let trouble else { return }
        counts[service]?.stuck += 1
        let oldest = counts[service]?.oldest ?? trouble
        counts[service]?.oldest = min(oldest, trouble)
    }

    /// The services in order: those with the most stuck connections first.
    public var ordered: [(service: Service, counts: Counts)] {
        counts.map { ($0.key, $0.value) }.sorted { a, b in
            (b.1.stuck, a.0.name) < (a.1.stuck, b.0.name)
        }
    }
}
