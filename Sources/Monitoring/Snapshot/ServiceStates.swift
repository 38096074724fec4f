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
    private var counts = IndexedTable<Service, Counts>()
    private let limit: Int

    /// - Parameter limit: as many services are counted.
    public init(limit: Int) { self.limit = limit }

    /// - Parameter previous: a service that had stuck connections a round before is counted from the round's beginning.
    public init(after previous: ServiceStates) {
        limit = previous.limit
        for (service, counts) in zip(previous.counts.keys, previous.counts.values)
        where counts.stuck > 0 {
            _ = self.counts.add(service, Counts())
        }
    }

    /// Counts a connection.
    ///
    /// - Parameter problem: when it became stuck; nil of one that is not.
    public mutating func count(
        _ record: borrowing @_addressable ConnectionRecord, stuckSince problem: Timestamp?
    ) {
        if counts.count == 0, problem == nil { return }
        let server = record.connection.opener.peer
        let service = Service(address: record.address(server), port: record.port(server))
        let index: Int
        if let known = counts.index(of: service) {
            index = known
        } else if problem != nil, counts.count < limit {
            index = counts.add(service, Counts())
        } else {
            return
        }
        counts.values[index].clients[record.connection.client.state] += 1
        counts.values[index].servers[record.connection.server.state] += 1
        guard let problem else { return }
        counts.values[index].stuck += 1
        counts.values[index].oldest = min(counts.values[index].oldest ?? problem, problem)
    }

    /// The services in order: those with the most stuck connections first.
    public var ordered: [(service: Service, counts: Counts)] {
        zip(counts.keys, counts.values).map { ($0, $1) }.sorted { a, b in
            (b.1.stuck, a.0.name) < (a.1.stuck, b.0.name)
        }
    }
}
