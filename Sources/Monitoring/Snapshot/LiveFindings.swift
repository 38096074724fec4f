public import Diagnosis
internal import Reports
public import TCPState
public import Wire

/// The findings of a live run as a report would give them now: of all connections that are open, and of those that were
/// forgotten within the last one or two minutes.
public struct LiveFindings: Sendable {
    /// The findings as the last round found them, the worst first.
    public private(set) var groups: [FindingGroup] = []
    /// How many there are, those left out included.
    public private(set) var count = 0
    private let empty: RunSummary
    private var round: RunSummary?
    private var closed: (older: RunSummary, newer: RunSummary)
    private var nextRotation: Timestamp?
    private var nextRound = Timestamp(nanoseconds: .min)
    private var told = ToldFindings()
    private var counts: [(time: Timestamp, counts: [FindingGroup.Key: UInt64])] = []

    /// How long departed connections are kept for, once or twice.
    private static let rotation = TimeSpan.seconds(60)
    /// The time between rounds.
    private static let pause = TimeSpan.seconds(1)
    /// The time that growth is told over.
    private static let growthSpan = TimeSpan.seconds(60)
    private static let limit = 200

    /// - Parameters:
    ///   - local: this host's addresses.
    ///   - limits: from which values on findings count.
    public init(local: AddressSet, _ limits: Thresholds) {
        empty = RunSummary(local: local, limits)
        closed = (empty, empty)
    }

    /// A round over all connections begins. Does nothing where the last one was a moment ago.
    ///
    /// - Returns: whether one begins.
    @discardableResult
    public mutating func beginRound(_ now: Timestamp) -> Bool {
        if nextRotation == nil { nextRotation = now + LiveFindings.rotation }
        if let rotation = nextRotation, now >= rotation {
            closed = (closed.newer, empty)
            nextRotation = now + LiveFindings.rotation
        }
        guard now >= nextRound else { return false }
        nextRound = now + LiveFindings.pause
        round = empty
        return true
    }

    /// Takes an open connection.
    public mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at time: Timestamp
    ) {
        if record.connection.anomalies.contains(.seenElsewhere) { return }
        round?.add(record, at: time)
    }

    /// A connection is over and forgotten.
    public mutating func connectionClosed(_ record: borrowing @_addressable ConnectionRecord) {
        if record.connection.anomalies.contains(.seenElsewhere) { return }
        closed.newer.add(record, at: nil)
    }

    /// The round is complete. Returns what has changed.
    public mutating func endRound(at time: Timestamp) -> [FindingChange] {
        guard var summary = round.take() else { return [] }
        summary.add(closed.older)
        summary.add(closed.newer)
        var input = InputSummary()
        input.last = time
        input.isInFile = false
        // Nothing has ended that a connection could be unfinished at.
        let all = Report(input: input, summary: summary).findings.filter {
            $0.key.diagnosis != .unfinished
        }
        groups = Array(all.prefix(LiveFindings.limit))
        count = all.count
        counts.append(
            (time, Dictionary(groups.map { ($0.key, $0.count) }, uniquingKeysWith: max)))
        while let first = counts.first, counts.count > 1,
            time - first.time > LiveFindings.growthSpan
        {
            counts.removeFirst()
        }
        return told.changes(to: groups)
    }

    /// How many connections each finding had a minute ago, or at the start if that is later.
    public var before: [FindingGroup.Key: UInt64] { counts.first?.counts ?? [:] }
}
