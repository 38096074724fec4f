public import Capture
public import Comparison
import Diagnosis
public import Reports
public import TCPState
import Tracking
import Wire

/// The states of both ends of all connections past several taps.
///
/// Each tap's capture is tracked by itself; of each end, the history is that of the tap nearest to it: what the end sent and
/// what reached it has passed there. An end whose tap was there and saw nothing of a connection has no states in it.
public struct PathHistory: Sendable {
    /// All changes of state in order of time.
    public let changes: [PathTransition]
    /// The connections that a tap's tracker told apart, by path, in the order of the taps.
    public let records: [Int: [(tap: Int, record: ConnectionRecord)]]

    /// Reads the captures of all taps once more, and tracks them.
    ///
    /// - Parameters:
    ///   - comparison: of the taps, in their order.
    ///   - analyses: of the same captures, in the same order.
    public init(
        _ comparison: Comparison, _ analyses: [CaptureAnalysis]
    ) throws(CaptureError) {
        let paths = PathLookup(comparison)
        var changes: [PathTransition] = []
        var records: [Int: [(tap: Int, record: ConnectionRecord)]] = [:]
        for (tap, analysis) in analyses.enumerated() {
            let history = try analysis.history().history
            var matches: [UInt32: PathLookup.Match] = [:]
            for record in history.connectionsInOrder {
                let match = paths.match(of: record, at: tap)
                matches[record.connection.serial] = match
                if let path = match?.path { records[path, default: []].append((tap, record)) }
            }
            for row in history.rows(isNear: analysis.options.isNear) {
                let match = matches[row.transition.connection]
                if let match, !paths.isNearest(tap, match, row.transition.side) { continue }
                changes.append(
                    PathTransition(
                        tap: tap, path: match?.path, row: row.corrected(comparison, at: tap)))
            }
        }
        self.changes = PathHistory.numbered(changes)
        self.records = records
    }

    /// A connection segment by segment, with the states of its ends and the findings of all taps on it: each kind once, by
    /// the first tap that has it.
    public func ladder(of path: Int, in report: ComparisonReport) -> PathLadder {
        PathLadder(
            report, path: path, changes: changes.filter { $0.path == path },
            findings: findings(of: path, report.comparison))
    }

    private func findings(of path: Int, _ comparison: Comparison) -> [FindingGroup] {
        var known: Set<Diagnosis> = []
        return (records[path] ?? []).flatMap { tap, record in
            let last = record.connection.lastSeen
            let end = max(comparison.taps[tap].counts.last ?? last, last)
            return ConnectionExaminer(record, at: end).groups
        }.filter { known.insert($0.key.diagnosis).inserted }
    }

    /// In order of time, with one number for each connection, whichever tap a change is from.
    private static func numbered(_ changes: [PathTransition]) -> [PathTransition] {
        /// A connection of a path, or one that a tap alone has.
        struct Name: Hashable {
            let path: Int?
            let tap: Int?
            let serial: UInt32?

            init(_ change: PathTransition) {
                path = change.path
                tap = change.path == nil ? change.tap : nil
                serial = change.path == nil ? change.row.transition.connection : nil
            }
        }
        let times = changes.map(\.row.time)
        let order = changes.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        var numbers: [Name: UInt32] = [:]
        return order.map { index in
            let change = changes[index]
            let name = Name(change)
            let number = numbers[name] ?? UInt32(truncatingIfNeeded: numbers.count)
            numbers[name] = number
            return PathTransition(
                tap: change.tap, path: change.path, row: change.row.renumbered(number))
        }
    }
}

/// Finds the path of a connection that a tap's tracker told apart.
private struct PathLookup {
    /// A connection of a tap, and its path.
    struct Match {
        let path: Int?
        let key: FlowKey
    }

    private let comparison: Comparison
    /// The connections of each tap by addresses and ports, in order of time.
    private let connections: [[FlowKey: [Int]]]
    /// The path of each tap's connections.
    private let paths: [[Int: Int]]

    init(_ comparison: Comparison) {
        self.comparison = comparison
        connections = comparison.taps.map { tap in
            Dictionary(grouping: tap.connections.indices) { tap.connections[$0].key }
        }
        var paths = [[Int: Int]](repeating: [:], count: comparison.taps.count)
        for (index, path) in comparison.paths.enumerated() {
            for (tap, part) in path.parts.enumerated() {
                if let part { paths[tap][part] = index }
            }
        }
        self.paths = paths
    }

    /// The path of a connection: that of the last one at the tap between its ends that had begun when it began.
    func match(of record: ConnectionRecord, at tap: Int) -> Match? {
        guard let all = connections[tap][record.key] else { return nil }
        let known = comparison.taps[tap].connections
        let part =
            all.last { known[$0].first <= record.connection.firstSeen } ?? all.first
        return Match(path: part.flatMap { paths[tap][$0] }, key: record.key)
    }

    /// Whether a tap is the nearest to an end among those that saw its connection, or that should have seen it.
    func isNearest(_ tap: Int, _ match: Match, _ side: Side) -> Bool {
        guard let index = match.path else { return true }
        let path = comparison.paths[index]
        let role: Role = side == path.side(.client, at: tap) ? .client : .server
        return path.nearestTap(to: role, from: tap, comparison) == tap
    }
}

extension TransitionRow {
    /// The same by the clock of the first tap: its bounds are as much wider as the clocks are uncertain.
    fileprivate func corrected(_ comparison: Comparison, at tap: Int) -> TransitionRow {
        guard tap > 0 else { return self }
        var change = transition
        let margin = comparison.clockMargin(time, at: tap)
        change.seen = comparison.time(change.seen, at: tap)
        change.notBefore = change.notBefore.map { comparison.time($0, at: tap) - margin }
        change.notAfter = change.notAfter.map { comparison.time($0, at: tap) + margin }
        return TransitionRow(
            transition: change, time: comparison.time(time, at: tap), timeInState: timeInState,
            record: record)
    }

    /// The same with another number of its connection.
    fileprivate func renumbered(_ number: UInt32) -> TransitionRow {
        var (change, record) = (transition, record)
        change.connection = number
        record.renumber(serial: number, stream: number)
        return TransitionRow(
            transition: change, time: time, timeInState: timeInState, record: record)
    }
}
