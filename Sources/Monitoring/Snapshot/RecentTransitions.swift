public import Reports
public import TCPState
public import Wire

/// The changes of state of a live run's connections, for their ladders: of the latest connections, and of those before them
/// that are not over, as many as there is room for.
///
/// A change of one of the latest is looked up nowhere: its connection's number says where it is kept. Memory is bounded.
public struct RecentTransitions: Sendable {
    /// The latest connections, each where its number says; behind them those that stay.
    private var entries = [Entry](repeating: Entry(), count: RecentTransitions.latest)
    /// Where those that stay are, by as much of their numbers as a token has.
    private var places: [UInt32: Int] = [:]
    /// Where room is looked for next.
    private var hand = 0

    /// How many of the latest connections are kept, whatever they are.
    private static let latest = 4096
    /// How many of those before them.
    private static let limit = 6144
    /// How many of them are looked at for one that is over.
    private static let search = 16

    /// Nothing yet.
    public init() {}

    /// What is kept of a connection, as a ladder: the segments that moved its ends.
    public func ladder(_ record: ConnectionRecord) -> Ladder {
        let entry = place(of: record.connection.serial).map { entries[$0] } ?? Entry()
        let history = entry.changes(haveHappened: true)
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
            withdrawn: entry.changes(haveHappened: false).map { ($0, $0.frame) })
    }

    private static func place(_ serial: UInt32) -> Int { Int(serial) % latest }

    /// Where a connection is kept, if it is.
    private func place(of serial: UInt32) -> Int? {
        let place = RecentTransitions.place(serial)
        if entries[place].serial == serial { return place }
        return places[Token.part(of: serial)].flatMap { entries[$0].serial == serial ? $0 : nil }
    }

    /// Where a change is to be kept; nil where it is not.
    private mutating func room(for transition: Transition) -> Int? {
        let serial = transition.connection
        let place = RecentTransitions.place(serial)
        if entries[place].serial == serial { return place }
        guard let resident = entries[place].serial, resident > serial else {
            if entries[place].serial != nil, !entries[place].isOver { stay(place) }
            entries[place].begin(serial)
            return place
        }
        if let place = self.place(of: serial) { return place }
        // Of one that was over when another one came in its place, nothing is kept any more.
        if transition.endsItsSocket { return nil }
        return begin(serial)
    }

    /// Moves one of the latest to those that stay.
    private mutating func stay(_ place: Int) {
        guard let serial = entries[place].serial else { return }
        entries.swapAt(place, begin(serial))
    }

    /// Begins a connection among those that stay: in a new place, or that of one that is over, or else of any.
    private mutating func begin(_ serial: UInt32) -> Int {
        let place = makeRoom()
        if let old = entries[place].serial, places[Token.part(of: old)] == place {
            places[Token.part(of: old)] = nil
        }
        entries[place].begin(serial)
        places[Token.part(of: serial)] = place
        return place
    }

    private mutating func makeRoom() -> Int {
        let (first, count) = (RecentTransitions.latest, RecentTransitions.limit)
        guard entries.count == first + count else {
            entries.append(Entry())
            return entries.count - 1
        }
        let start = hand
        for step in 0..<RecentTransitions.search {
            let place = (start + step) % count
            guard entries[first + place].isOver else { continue }
            hand = (place + 1) % count
            return first + place
        }
        hand = (start + RecentTransitions.search) % count
        return first + start
    }
}

extension RecentTransitions: TransitionObserver {
    /// Keeps a change of state. Complexity: O(1).
    public mutating func observe(_ transition: Transition) -> UInt32 {
        guard let place = room(for: transition), let index = entries[place].add(transition) else {
            return 0
        }
        return Token(transition.connection, index).rawValue
    }

    /// Notes that a change is proved.
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        change(token) { entry, index in
            entry.changes[index].confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
        }
    }

    /// Notes that a change has not happened.
    public mutating func withdraw(_ token: UInt32) {
        change(token) { entry, index in
            entry.withdrawals |= 1 << UInt64(index)
            entry.lookWhetherOver()
        }
    }

    /// Notes that a change led to another state.
    public mutating func amend(_ token: UInt32, to state: State) {
        change(token) { entry, index in
            entry.changes[index].to = state
            entry.lookWhetherOver()
        }
    }

    private mutating func change(_ token: UInt32, _ body: (inout Entry, Int) -> Void) {
        guard let token = Token(rawValue: token) else { return }
        var place = RecentTransitions.place(token.part)
        if entries[place].serial.map(Token.part) != token.part {
            guard let other = places[token.part] else { return }
            place = other
        }
        if token.index < entries[place].changes.count { body(&entries[place], token.index) }
    }
}

/// The name of a change: as much of its connection's number as there is room for, and its place among that one's changes.
private struct Token {
    let part: UInt32
    let index: Int

    private static let indexBits: UInt32 = 6

    /// How many changes of one connection have names.
    static let limit = 1 << Int(indexBits) - 1

    static func part(of serial: UInt32) -> UInt32 { serial & .max >> indexBits }

    init(_ serial: UInt32, _ index: Int) {
        part = Token.part(of: serial)
        self.index = index
    }

    /// - Returns: nil of 0, which names nothing.
    init?(rawValue: UInt32) {
        let number = rawValue & (1 << Token.indexBits - 1)
        guard number > 0 else { return nil }
        part = rawValue >> Token.indexBits
        index = Int(number) - 1
    }

    var rawValue: UInt32 { part << Token.indexBits | UInt32(index) + 1 }
}

/// The changes of one connection.
private struct Entry {
    /// Nil where none is kept.
    var serial: UInt32?
    /// Whether an end has come to CLOSED or TIME-WAIT.
    var isOver = false
    /// The first ones.
    var changes: [Transition] = []
    /// A bit for each change that has not happened after all.
    var withdrawals: UInt64 = 0

    /// Begins anew, with the memory that it has.
    mutating func begin(_ serial: UInt32) {
        self.serial = serial
        isOver = false
        changes.removeAll(keepingCapacity: true)
        withdrawals = 0
    }

    /// Keeps a change. Returns its place; nil where there is no room.
    mutating func add(_ transition: Transition) -> Int? {
        if transition.endsItsSocket { isOver = true }
        guard changes.count < Token.limit else { return nil }
        changes.append(transition)
        return changes.count - 1
    }

    mutating func lookWhetherOver() {
        isOver = changes(haveHappened: true).contains(where: \.endsItsSocket)
    }

    /// Those that have happened, or those that have not.
    func changes(haveHappened: Bool) -> [Transition] {
        changes.indices.filter { (withdrawals >> UInt64($0) & 1 == 0) == haveHappened }.map {
            changes[$0]
        }
    }
}

extension Transition {
    /// Whether nothing but a timer can come after it.
    fileprivate var endsItsSocket: Bool { to == .closed || to == .timeWait }

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
