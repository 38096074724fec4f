public import Diagnosis
public import TCPState
internal import Wire

/// What one round over all connections of a live run gathers for a ``LiveSnapshot``. Memory is bounded.
public struct SnapshotRound: Sendable {
    /// What is stuck.
    public private(set) var stuck = StuckCounts()
    /// The services with stuck connections.
    public private(set) var services: ServiceStates
    private var stuckConnections: [(since: Timestamp, serial: UInt32)] = []
    private var newest: [UInt32] = []
    /// Connections with lower numbers are not among the newest.
    private var lowestNewest: UInt32

    /// As many stuck connections are shown, and as many others.
    public static let limit = 500

    /// The newest ones that are kept: more than are shown, since the next round looks for none below them.
    private static let newestLimit = 2 * limit

    /// The first round.
    ///
    /// - Parameter serviceLimit: as many services are counted.
    public init(serviceLimit: Int) {
        services = ServiceStates(limit: serviceLimit)
        lowestNewest = 0
    }

    /// - Parameter previous: the round before, complete. What it had among the newest, and what came since, is where the
    ///   newest are looked for, unless it had few.
    public init(after previous: SnapshotRound) {
        services = ServiceStates(after: previous.services)
        let hasMany = previous.newest.count >= SnapshotRound.newestLimit
        lowestNewest = hasMany ? previous.lowestNewest : 0
    }

    /// Takes a connection that is not over and forgotten; what is only a copy of another one does not count.
    ///
    /// - Parameter problem: what is the matter; nil if it is not stuck.
    public mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, problem: Finding?
    ) {
        if record.connection.anomalies.contains(.seenElsewhere) { return }
        let serial = record.connection.serial
        services.count(record, stuckSince: problem?.since)
        if let problem {
            stuck.count(problem)
            stuckConnections.append((problem.since, serial))
            if stuckConnections.count >= 4 * SnapshotRound.limit { cutTroubled() }
        } else if serial >= lowestNewest {
            newest.append(serial)
            if newest.count >= 4 * SnapshotRound.newestLimit { cutNewest() }
        }
    }

    private mutating func cutTroubled() {
        stuckConnections.sort { $0 < $1 }
        stuckConnections.removeLast(max(0, stuckConnections.count - SnapshotRound.limit))
    }

    private mutating func cutNewest() {
        newest.sort(by: >)
        newest.removeLast(max(0, newest.count - SnapshotRound.newestLimit))
        if newest.count == SnapshotRound.newestLimit { lowestNewest = newest.last ?? 0 }
    }

    /// The numbers of the connections that are shown: stuck ones, the oldest trouble first, then the newest ones.
    public var shown: [UInt32] {
        mutating get {
            cutTroubled()
            cutNewest()
            return stuckConnections.map(\.serial) + newest.prefix(SnapshotRound.limit)
        }
    }
}
