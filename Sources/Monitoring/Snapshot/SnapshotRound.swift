public import Diagnosis
public import TCPState
internal import Wire

/// What one round over all connections of a live run gathers for a ``LiveSnapshot``. Memory is bounded.
public struct SnapshotRound: Sendable {
    private(set) var stuck = StuckCensus()
    private(set) var services: ServiceStates
    private var troubled: [ConnectionSample] = []
    private var newest: [ConnectionSample] = []
    /// Connections with lower numbers are not among the newest.
    private var lowestNewest: UInt32 = 0

    /// As many stuck connections are kept, and as many others.
    public static let limit = 500

    /// - Parameters:
    ///   - services: as many services are counted apart.
    ///   - previous: the round before, from which a service is known that has stuck connections.
    public init(services: Int, after previous: SnapshotRound? = nil) {
        self.services = ServiceStates(limit: services, after: previous?.services)
    }

    /// Takes a connection that is not over and forgotten; what is only a copy of another one does not count.
    ///
    /// - Parameters:
    ///   - trouble: what is the matter; nil if it is not stuck.
    ///   - sample: is called if it is shown.
    public mutating func take(
        _ record: borrowing @_addressable ConnectionRecord, trouble: FindingExample?,
        _ sample: () -> ConnectionSample
    ) {
        if record.connection.anomalies.contains(.seenElsewhere) { return }
        services.count(record, stuckSince: trouble?.finding.since)
        if let trouble {
            let sample = sample()
            stuck.count(trouble)
            troubled.append(sample)
            if troubled.count >= 2 * SnapshotRound.limit { cutTroubled() }
        } else if record.connection.serial >= lowestNewest {
            newest.append(sample())
            if newest.count >= 2 * SnapshotRound.limit { cutNewest() }
        }
    }

    private mutating func cutTroubled() {
        troubled.sort { a, b in
            (a.trouble?.finding.since ?? .never, a.record.connection.serial)
                < (b.trouble?.finding.since ?? .never, b.record.connection.serial)
        }
        troubled.removeLast(max(0, troubled.count - SnapshotRound.limit))
    }

    private mutating func cutNewest() {
        newest.sort { $0.record.connection.serial > $1.record.connection.serial }
        newest.removeLast(max(0, newest.count - SnapshotRound.limit))
        if newest.count == SnapshotRound.limit {
            lowestNewest = newest.last?.record.connection.serial ?? 0
        }
    }

    /// Puts what was gathered into a snapshot.
    public mutating func finish(_ snapshot: inout LiveSnapshot) {
        cutTroubled()
        cutNewest()
        snapshot.stuck = stuck
        snapshot.services = services
        snapshot.connections = troubled + newest
    }
}

extension Timestamp {
    fileprivate static let never = Timestamp(nanoseconds: .max)
}
