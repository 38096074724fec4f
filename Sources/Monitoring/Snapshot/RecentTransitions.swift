public import Reports
public import TCPState
internal import Tracking
public import Wire

/// The changes of state of a live run's connections, for their ladders: the latest ones, and those before them of
/// connections that were not over, as many as there is room for.
///
/// A change is written behind the one before it and looked up nowhere: what a busy run costs is a store to memory. A ladder
/// is looked for among all of them. Memory is bounded.
public struct RecentTransitions: Sendable {
    /// What is asked of a change when another takes its place.
    private struct Mark {
        let serial: UInt32
        /// Whether it has not happened after all.
        var isWithdrawn = false
        var endsItsSocket: Bool
    }

    /// The latest ones, each where its name says.
    private var latest: [Transition] = []
    /// Their marks: few cache lines, while the changes themselves have left the caches when their places are needed.
    private var marks: [Mark] = []
    /// The name of the last one; 0 before it.
    private var last: UInt32 = 0
    private var closed = ClosedConnections()
    private var kept = KeptTransitions()

    /// How many of the latest are kept, whatever their connections are: more than a page shows connections.
    private static let limit = 1 << 15

    /// Nothing yet.
    public init() {}

    /// What is kept of a connection, as a ladder: the segments that moved its ends. Complexity: linear in what is kept.
    public func ladder(_ record: ConnectionRecord) -> Ladder {
        let changes = changes(of: record.connection.serial)
        let history = changes.filter { !$0.isWithdrawn }.map(\.transition)
        var rows: [Ladder.LadderRow] = []
        for row in history.compactMap(\.segmentRow).sorted(by: { $0.frame < $1.frame })
        where row.frame != rows.last?.frame {
            rows.append(row)
        }
        let joined = TransitionHistory.joined(history, of: record).map { entry in
            TransitionRow(
                transition: entry.transition, time: entry.time, timeInState: nil, record: record)
        }
        return Ladder(
            record: record, rows: rows, history: joined.sorted { $0.time < $1.time },
            withdrawn: changes.filter(\.isWithdrawn).map { ($0.transition, $0.transition.frame) })
    }

    /// The first changes of a connection, in the order in which they were found.
    private func changes(of serial: UInt32) -> [NamedTransition] {
        let oldest = RecentTransitions.slot(last &+ 1) % max(1, latest.count)
        let slots = [oldest..<latest.count, 0..<oldest].joined()
        let found = slots.lazy.filter { marks[$0].serial == serial }.map(named)
        return Array((kept.changes(of: serial) + found).prefix(KeptTransitions.changeLimit))
    }

    private static func slot(_ name: UInt32) -> Int { Int(name &- 1) % limit }

    /// One of the latest, with the name that it was given.
    private func named(_ slot: Int) -> NamedTransition {
        let age =
            (RecentTransitions.slot(last) - slot + RecentTransitions.limit)
            % RecentTransitions.limit
        return NamedTransition(
            name: last &- UInt32(age), transition: latest[slot],
            isWithdrawn: marks[slot].isWithdrawn)
    }
}

extension RecentTransitions: TransitionObserver {
    /// Keeps a change of state. Complexity: O(1).
    public mutating func observe(_ transition: Transition) -> UInt32 {
        last = last == .max ? 1 : last + 1
        closed.add(transition)
        let slot = RecentTransitions.slot(last)
        let mark = Mark(
            serial: transition.connection, endsItsSocket: transition.endsItsSocket)
        guard slot < latest.count else {
            latest.append(transition)
            marks.append(mark)
            return last
        }
        leave(slot)
        latest[slot] = transition
        marks[slot] = mark
        return last
    }

    /// Notes that a change is proved.
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        change(token) { transition, _ in
            transition.confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
        }
    }

    /// Notes that a change has not happened.
    public mutating func withdraw(_ token: UInt32) {
        let withdrawn = change(token) { transition, isWithdrawn in
            isWithdrawn = true
            return transition
        }
        if let withdrawn, withdrawn.endsItsSocket { closed.remove(withdrawn.connection) }
    }

    /// Notes that a change led to another state.
    public mutating func amend(_ token: UInt32, to state: State) {
        change(token) { transition, _ in transition.to = state }
    }

    /// Keeps a change that is no longer one of the latest, if its connection lasts.
    private mutating func leave(_ slot: Int) {
        let mark = marks[slot]
        if !closed.contains(mark.serial) {
            // The name of the one that takes its place is the last one by now.
            kept.keep(
                NamedTransition(
                    name: last &- UInt32(RecentTransitions.limit), transition: latest[slot],
                    isWithdrawn: mark.isWithdrawn))
        } else if mark.endsItsSocket {
            kept.markClosed(mark.serial)
        }
    }

    /// Changes one in place: the change, and whether it is withdrawn.
    @discardableResult
    private mutating func change<Result>(
        _ token: UInt32, _ body: (inout Transition, inout Bool) -> Result
    ) -> Result? {
        guard token != 0, last &- token < latest.count else { return kept.change(token, body) }
        let slot = RecentTransitions.slot(token)
        defer { marks[slot].endsItsSocket = latest[slot].endsItsSocket }
        return body(&latest[slot], &marks[slot].isWithdrawn)
    }
}

/// Which of the latest connections are over: a bit for each.
private struct ClosedConnections {
    private var bits = [UInt64](repeating: 0, count: ClosedConnections.limit / 64)
    /// The highest number so far.
    private var highest: UInt32 = 0

    /// So many of the latest.
    private static let limit = 1 << 16

    /// Takes a connection's change.
    mutating func add(_ transition: Transition) {
        let serial = transition.connection
        if serial > highest {
            let new = serial - highest
            for step in 1...min(new, UInt32(ClosedConnections.limit)) { clear(highest &+ step) }
            highest = serial
        }
        if transition.endsItsSocket, highest - serial < ClosedConnections.limit {
            bits[word(serial)] |= bit(serial)
        }
    }

    /// Whether a connection is known to be over.
    func contains(_ serial: UInt32) -> Bool {
        highest >= serial && highest - serial < ClosedConnections.limit
            && bits[word(serial)] & bit(serial) != 0
    }

    /// It is not, after all.
    mutating func remove(_ serial: UInt32) { if contains(serial) { clear(serial) } }

    private mutating func clear(_ serial: UInt32) { bits[word(serial)] &= ~bit(serial) }

    private func word(_ serial: UInt32) -> Int { Int(serial) / 64 % bits.count }

    private func bit(_ serial: UInt32) -> UInt64 { 1 << UInt64(serial % 64) }
}

extension Transition {
    /// The segment that shows the change, as far as the change tells: its sender and control bits; nil where a timer or an
    /// absence does.
    private var segment: (sender: Side, flags: TCPFlags)? {
        switch event {
        case .sentSYN: (side, .syn)
        case .sentSYNACK: (side, [.syn, .ack])
        case .sentFIN: (side, [.fin, .ack])
        case .sentRST: (side, .rst)
        case .receivedSYN: (side.peer, .syn)
        case .receivedSYNACK: (side.peer, [.syn, .ack])
        case .receivedACKofSYN, .receivedACKofFIN: (side.peer, .ack)
        case .receivedFIN: (side.peer, [.fin, .ack])
        case .receivedRST: (side.peer, .rst)
        case .timedOut, .replaced, .receivedUnreachable, .presumed: nil
        }
    }

    /// The same as a row of a ladder.
    fileprivate var segmentRow: Ladder.LadderRow? {
        guard let (sender, flags) = self.segment, frame != 0 else { return nil }
        var segment = Segment()
        segment.flags = flags
        return Ladder.LadderRow(segment, from: sender, at: seen, frame: frame, notes: [])
    }
}
