import Reports
import TCPState
import Wire

/// The eventful segments and the transitions of the connections of a live run, to show one of them as a
/// ladder. Those that began long ago make room for new ones.
struct LadderHistory {
    /// What is kept of one connection.
    struct Entry {
        var rows: [Ladder.LadderRow] = []
        var history: [Transition] = []
        var withdrawn: [(transition: Transition, frame: UInt64)] = []
    }

    private var entries: [UInt32: Entry] = [:]
    /// The connections in the order in which they were first written about.
    private var order: [UInt32] = []
    private var first = 0

    /// How many connections are kept.
    private static let limit = 20_000
    /// How many segments of one are kept; the oldest go first.
    private static let segments = 400

    /// Notes what happened to a connection.
    mutating func add(_ entry: LiveObserver.TransitionEntry, frame: UInt64) {
        let transition = entry.transition
        open(transition.connection)
        let serial = transition.connection
        let known = entries[serial]?.history.lastIndex {
            $0.side == transition.side && $0.event == transition.event
                && $0.frame == transition.frame
        }
        switch (entry.event, known) {
        case (.withdrawn, let index?):
            entries[serial]?.history.remove(at: index)
            entries[serial]?.withdrawn.append((transition, frame))
        case (.confirmed, let index?), (.amended, let index?):
            entries[serial]?.history[index] = transition
        case (.found, _), (_, nil): entries[serial]?.history.append(transition)
        }
    }

    /// Notes a segment of a connection.
    mutating func add(_ row: Ladder.LadderRow, of serial: UInt32) {
        open(serial)
        guard entries[serial]?.rows.last?.frame != row.frame else { return }
        entries[serial]?.rows.append(row)
        if entries[serial]?.rows.count ?? 0 > LadderHistory.segments {
            entries[serial]?.rows.removeFirst()
        }
    }

    /// What is kept of a connection, as a ladder.
    func ladder(_ record: ConnectionRecord) -> Ladder {
        let entry = entries[record.connection.serial] ?? Entry()
        let rows = entry.history.map { transition in
            TransitionRow(live: transition, of: record)
        }
        return Ladder(
            record: record, rows: entry.rows, history: rows.sorted { $0.time < $1.time },
            withdrawn: entry.withdrawn)
    }

    private mutating func open(_ serial: UInt32) {
        guard entries[serial] == nil else { return }
        entries[serial] = Entry()
        order.append(serial)
        guard order.count - first > LadderHistory.limit else { return }
        entries[order[first]] = nil
        first += 1
        if first > LadderHistory.limit {
            order.removeFirst(first)
            first = 0
        }
    }
}
