public import Memory
public import TCPState
public import Wire

/// Keeps every transition of a run: the final history, without what was withdrawn.
///
/// Memory: about 100 bytes a transition, until the run ends.
public struct TransitionHistory: DivisibleObserver, Sendable {
    /// One transition as it stood at the end.
    public struct Entry: Sendable {
        /// What happened.
        public var transition: Transition
        /// Best estimate of when, with all that the connection showed.
        public var time: Timestamp
        /// Nanoseconds that the endpoint spent in the state it left; nil where the entry is unknown.
        public var timeInState: TimeSpan?
    }

    /// An address and port, over all incarnations of its connection.
    private struct End: Hashable {
        let key: FlowKey
        let side: Side
    }

    @usableFromInline var entries = PiecewiseArray<Transition>()
    /// The connection of each, ``none`` where it was withdrawn: entries are long, and far apart.
    @usableFromInline var owners: [UInt32] = []
    @usableFromInline var amended: Set<UInt32> = []
    @usableFromInline var records = ConnectionRecords()
    /// The last segments of the connections that left a full table early, by serial number.
    @usableFromInline var evicted: [UInt32: Timestamp] = [:]
    /// The number of no connection.
    @usableFromInline static var none: UInt32 { .max }
    /// What shards have found.
    private var shards: [ShardTransitions] = []

    /// The transitions of a shard, with the numbers that it gave, and those of the run.
    struct ShardTransitions: Sendable {
        let entries: PiecewiseArray<Transition>
        let owners: [UInt32]
        let amended: Set<UInt32>
        let numbers: RunNumbering.ShardNumbers?

        /// Whether a transition was not withdrawn.
        func isLeft(_ index: Int) -> Bool { owners[index] != TransitionHistory.none }

        /// The connection's number in the run.
        func serial(_ local: UInt32) -> UInt32 { numbers?.serial(local) ?? local }
    }

    /// Makes an empty history.
    public init() {}

    /// Keeps a transition.
    @inlinable
    public mutating func observe(_ transition: Transition) -> UInt32 {
        entries.append(transition)
        owners.append(transition.connection)
        return UInt32(truncatingIfNeeded: entries.count - 1)
    }

    /// Marks a transition as proved.
    @inlinable
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        let index = Int(token)
        guard index < entries.count else { return }
        entries[index].confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    /// Leaves a transition out.
    @inlinable
    public mutating func withdraw(_ token: UInt32) {
        if token < owners.count { owners[Int(token)] = TransitionHistory.none }
    }

    /// Corrects where a transition led.
    @inlinable
    public mutating func amend(_ token: UInt32, to state: State) {
        guard token < entries.count else { return }
        entries[Int(token)].to = state
        amended.insert(entries[Int(token)].connection)
    }

    /// Keeps the connection's addresses and roles.
    @inlinable
    public mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        records.add(copy record)
        if reason == .evicted { evicted[record.connection.serial] = record.connection.lastSeen }
    }

    /// An empty history.
    public func split() -> TransitionHistory { TransitionHistory() }

    /// Adds a shard's history; nothing in it can be confirmed, amended or withdrawn any more.
    public mutating func merge(_ shard: TransitionHistory, _ numbers: RunNumbering.ShardNumbers) {
        shards.append(
            ShardTransitions(
                entries: shard.entries, owners: shard.owners, amended: shard.amended,
                numbers: numbers))
        for var record in shard.records.all {
            let hasLeft = shard.evicted[record.connection.serial] != nil
            record.renumber(numbers)
            connectionClosed(record, hasLeft ? .evicted : .captureEnd)
        }
    }

    /// Adds the connections that another history was told of at the end, in any order: they have their numbers.
    public static var unorderedMerge: ((inout TransitionHistory, TransitionHistory) -> Void)? {
        { history, other in
            history.records.add(other.records)
            history.evicted.merge(other.evicted) { _, new in new }
        }
    }

    /// The connections that have departed, in no order.
    public var connections: some Sequence<ConnectionRecord> { records.all }

    /// The connections that have departed, in the order of their first segments.
    public var connectionsInOrder: some Sequence<ConnectionRecord> {
        records.serials.lazy.compactMap { records[$0] }
    }

    /// The connection of an entry.
    public func record(of entry: Entry) -> ConnectionRecord? {
        records[entry.transition.connection]
    }

    /// The history in time order, at equal times in the order of the connections; each endpoint's
    /// transitions keep their order.
    ///
    /// - Parameter isNear: whether the tap is known to be on an end's host, so that there is no way
    ///   between them.
    public func timeline(
        isNear: (ConnectionRecord, Side) -> Bool = { _, _ in false }
    ) -> [Entry] {
        let entries = entries(isNear: isNear)
        let keys = entries.map { ($0.time.nanoseconds, $0.transition.connection) }
        // Entries are long: their places are sorted.
        let order = entries.indices.sorted { a, b in
            (keys[a].0, keys[a].1, a) < (keys[b].0, keys[b].1, b)
        }
        return order.map { entries[$0] }
    }

    /// Changes of one connection in the order in which they were found: each begins where the end's one before it ended.
    public static func joined(_ changes: [Transition], of record: ConnectionRecord) -> [Entry] {
        var last: [Side: Entry] = [:]
        return changes.map { change in
            let entry = Entry(
                change, delay: record.connection[change.side].delayToTap,
                after: last[change.side], isAmended: false)
            last[change.side] = entry
            return entry
        }
    }

    /// All transitions, shard by shard.
    var byShard: [ShardTransitions] {
        let own = ShardTransitions(
            entries: entries, owners: owners, amended: amended, numbers: nil)
        return [own] + shards
    }

    /// What is left of the history, in the order in which it was found.
    ///
    /// - Parameter isWanted: whether a connection is; of those on the same addresses all are, or none.
    func entries(
        isNear: (ConnectionRecord, Side) -> Bool, where isWanted: (UInt32) -> Bool = { _ in true }
    ) -> [Entry] {
        /// What is known of an endpoint so far.
        struct EndHistory {
            /// Its last entry.
            var last: Int?
            /// Whether it is what `latest` says of its address and port.
            var isLatest = false
        }
        var ends = [EndHistory](repeating: EndHistory(), count: 2 * records.limit)
        var latest: [End: Int] = [:]
        var result: [Entry] = []
        func add(_ transition: Transition, isAmended: Bool) {
            guard let record = records[transition.connection] else { return }
            let delay =
                isNear(record, transition.side)
                ? 0 : record.connection[transition.side].delayToTap
            let name = Int(transition.connection) << 1 | Int(transition.side.rawValue)
            var previous = ends[name].last.map { result[$0] }
            if !ends[name].isLatest {
                let end = End(key: record.key, side: transition.side)
                let other = latest.updateValue(name, forKey: end)
                if let other {
                    ends[other].isLatest = false
                    // An earlier connection on the key is over. One that is not is a twin: it has its own times.
                    let before = ends[other].last.map { result[$0] }
                    if previous == nil, before?.transition.to == .closed { previous = before }
                }
                ends[name].isLatest = true
            }
            ends[name].last = result.count
            result.append(
                Entry(transition, delay: delay, after: previous, isAmended: isAmended))
        }
        for shard in byShard {
            for (index, found) in shard.entries.enumerated() where shard.isLeft(index) {
                var transition = found
                transition.connection = shard.serial(found.connection)
                if isWanted(transition.connection) {
                    add(transition, isAmended: shard.amended.contains(found.connection))
                }
            }
        }
        return result
    }
}

extension TransitionHistory.Entry {
    /// A transition as it stands once its connection's history is known.
    ///
    /// - Parameters:
    ///   - delay: from the tap to the endpoint, in nanoseconds.
    ///   - previous: the endpoint's entry before it; nil for none.
    ///   - isAmended: whether a transition of its connection was amended.
    init(
        _ found: Transition, delay: TimeSpan, after previous: Self?,
        isAmended: @autoclosure () -> Bool
    ) {
        var transition = found
        var time = transition.time(delay: delay)
        // What an endpoint sent left it up to its way to the tap earlier.
        if transition.moment == .beforeSending, let earliest = transition.notBefore {
            transition.notBefore = earliest - 2 * delay
            time = transition.time(delay: delay)
        }
        if let previous {
            time = max(time, previous.time)
            if previous.transition.connection == transition.connection {
                // What came between may have been withdrawn since.
                transition.from = previous.transition.to
                if isAmended() {
                    transition.to = transition.from.next(on: transition.event) ?? transition.to
                }
            }
        }
        if let latest = transition.notAfter { transition.notAfter = max(latest, time) }
        if let earliest = transition.notBefore { transition.notBefore = min(earliest, time) }
        self.transition = transition
        self.time = time
        timeInState = previous.map { time - $0.time }
    }
}
