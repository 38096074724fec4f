internal import Memory
public import Reports
public import TCPState
internal import Wire

/// The changes of state of a live run's connections, for their ladders: of as many connections as there is room for. Those
/// that are over make room first.
public struct RecentTransitions: Sendable {
    fileprivate struct Entry {
        var serial: UInt32
        /// Whether an end has come to CLOSED or TIME-WAIT.
        var isOver = false
        var history: [Transition] = []
        var withdrawn: [(transition: Transition, frame: UInt64)] = []

        init(_ serial: UInt32) { self.serial = serial }
    }

    private var entries: [Entry] = []
    private var places = SerialTable<UInt32>()
    /// Where room is looked for next.
    private var hand = 0

    /// How many connections are kept.
    private static let limit = 10_000
    /// How many of them are looked at for one that is over.
    private static let search = 16
    /// How many changes of one connection are kept; the first ones stay.
    private static let changes = 64

    /// Nothing yet.
    public init() {}

    /// Notes what became of a change of state.
    public mutating func note(_ event: TransitionEvents.Event, _ transition: Transition) {
        let place = place(of: transition.connection)
        entries[place].note(event, transition, limit: RecentTransitions.changes)
    }

    /// What is kept of a connection, as a ladder: the segments that moved its ends.
    public func ladder(_ record: ConnectionRecord) -> Ladder {
        let entry = places[record.connection.serial].map { entries[Int($0)] }
        let history = entry?.history ?? []
        var rows: [Ladder.LadderRow] = []
        for row in history.compactMap(\.segmentRow).sorted(by: { $0.frame < $1.frame })
        where row.frame != rows.last?.frame {
            rows.append(row)
        }
        let changes = history.map { transition in
            TransitionRow(
                transition: transition,
                time: transition.time(delay: record.connection[transition.side].delayToTap),
                timeInState: nil, record: record)
        }
        return Ladder(
            record: record, rows: rows, history: changes.sorted { $0.time < $1.time },
            withdrawn: entry?.withdrawn ?? [])
    }

    /// A connection's entry, which takes another one's place where there is no room.
    private mutating func place(of serial: UInt32) -> Int {
        if let place = places[serial] { return Int(place) }
        let place: Int
        if entries.count < RecentTransitions.limit {
            place = entries.count
            entries.append(Entry(serial))
        } else {
            place = room()
            places.remove(entries[place].serial)
            entries[place].begin(serial)
        }
        places[serial] = UInt32(place)
        return place
    }

    private mutating func room() -> Int {
        let start = hand
        for step in 0..<RecentTransitions.search {
            let place = (start + step) % entries.count
            guard entries[place].isOver else { continue }
            hand = (place + 1) % entries.count
            return place
        }
        hand = (start + RecentTransitions.search) % entries.count
        return start
    }
}

extension RecentTransitions.Entry {
    /// Begins anew, with the memory that it has.
    fileprivate mutating func begin(_ serial: UInt32) {
        self.serial = serial
        isOver = false
        history.removeAll(keepingCapacity: true)
        withdrawn.removeAll(keepingCapacity: true)
    }

    fileprivate mutating func note(
        _ event: TransitionEvents.Event, _ transition: Transition, limit: Int
    ) {
        let known =
            event == .found
            ? nil
            : history.lastIndex {
                $0.side == transition.side && $0.event == transition.event
                    && $0.frame == transition.frame
            }
        switch (event, known) {
        case (.withdrawn, let index?):
            history.remove(at: index)
            if withdrawn.count < limit { withdrawn.append((transition, transition.frame)) }
        case (.withdrawn, nil): break
        case (.confirmed, let index?), (.amended, let index?): history[index] = transition
        case (.found, _), (_, nil): if history.count < limit { history.append(transition) }
        }
        if transition.to == .closed || transition.to == .timeWait { isOver = true }
    }
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
