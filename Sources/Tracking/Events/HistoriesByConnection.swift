internal import Memory
public import TCPState
internal import Wire

/// The histories of a run's connections, one by one: several threads may ask for them at once.
///
/// Made in O(transitions + connections), with 4 bytes for each of both.
public struct HistoriesByConnection: Sendable {
    /// One connection's history.
    public struct History: Sendable {
        /// The connection as it was at the end.
        public let record: ConnectionRecord
        /// Its transitions, in order of time.
        public let entries: [TransitionHistory.Entry]
        /// How many transitions the connections before it have.
        public let before: Int
    }

    private let shards: [TransitionHistory.ShardTransitions]
    /// How many transitions lie before each part's.
    private let offsets: [Int]
    private let records: ConnectionRecords
    /// The connections in the order of their first segments.
    private let order: [UInt32]
    /// Where the transitions of each connection of `order` begin in `positions`, and where the last one's end.
    private let starts: [Int]
    /// The transitions' places, all parts counted on, connection by connection.
    private let positions: [UInt32]
    /// The entries of connections on addresses that others have had, too: these know of each other.
    private let related: [UInt32: [TransitionHistory.Entry]]
    private let isNear: @Sendable (ConnectionRecord, Side) -> Bool

    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    public init(
        _ history: TransitionHistory,
        isNear: @escaping @Sendable (ConnectionRecord, Side) -> Bool = { _, _ in false }
    ) {
        let (shards, records) = (history.byShard, history.records)
        self.shards = shards
        self.records = records
        self.isNear = isNear
        order = Array(records.serials)
        // A counting sort: how many there are of each, where they begin, where each one is.
        var ends = [UInt32](repeating: 0, count: records.limit + 1)
        for shard in shards { shard.forEach(in: records) { serial, _ in ends[Int(serial)] += 1 } }
        var starts: [Int] = []
        starts.reserveCapacity(order.count + 1)
        var count = 0
        for serial in order {
            starts.append(count)
            let next = count + Int(ends[Int(serial)])
            ends[Int(serial)] = UInt32(truncatingIfNeeded: count)
            count = next
        }
        starts.append(count)
        var positions = [UInt32](repeating: 0, count: count)
        var offsets: [Int] = []
        var offset = 0
        for shard in shards {
            offsets.append(offset)
            shard.forEach(in: records) { serial, position in
                positions[Int(ends[Int(serial)])] = UInt32(truncatingIfNeeded: offset + position)
                ends[Int(serial)] += 1
            }
            offset += shard.entries.count
        }
        self.starts = starts
        self.positions = positions
        self.offsets = offsets
        related = HistoriesByConnection.related(history, isNear)
    }

    private static func related(
        _ history: TransitionHistory, _ isNear: (ConnectionRecord, Side) -> Bool
    ) -> [UInt32: [TransitionHistory.Entry]] {
        var serials: Set<UInt32> = []
        var first: [FlowKey: UInt32] = [:]
        first.reserveCapacity(history.records.count)
        for record in history.records.all {
            let serial = record.connection.serial
            if let other = first.updateValue(serial, forKey: record.key) {
                serials.insert(other)
                serials.insert(serial)
            }
        }
        guard !serials.isEmpty else { return [:] }
        let entries = history.entries(isNear: isNear) { serials.contains($0) }
        return Dictionary(grouping: entries) { $0.transition.connection }.mapValues(\.inOrder)
    }

    /// How many connections there are.
    public var count: Int { order.count }

    /// A connection's history, by its place in the order of first segments.
    public subscript(index: Int) -> History? {
        let serial = order[index]
        guard let record = records[serial] else { return nil }
        return History(
            record: record, entries: related[serial] ?? entries(index, record),
            before: starts[index])
    }

    private func entries(_ index: Int, _ record: ConnectionRecord) -> [TransitionHistory.Entry] {
        let found = positions[starts[index]..<starts[index + 1]]
        guard let first = found.first else { return [] }
        // All lie in one part.
        let number = shardIndex(of: first)
        let (shard, offset) = (shards[number], offsets[number])
        let own = shard.entries[Int(first) - offset].connection
        return [TransitionHistory.Entry](
            found.lazy.map { shard.entries[Int($0) - offset] }, of: record,
            isAmended: !shard.amended.isEmpty && shard.amended.contains(own), isNear: isNear)
    }

    /// Some of the histories, each made when it is asked for.
    public struct Histories: Sequence, IteratorProtocol {
        fileprivate let all: HistoriesByConnection
        fileprivate var positions: Range<Int>

        /// The next one; nil after the last.
        public mutating func next() -> History? {
            while let position = positions.popFirst() {
                if let history = all[position] { return history }
            }
            return nil
        }
    }

    /// The histories of some connections, by their places in the order of first segments.
    public subscript(range: Range<Int>) -> Histories { Histories(all: self, positions: range) }

    private func shardIndex(of position: UInt32) -> Int {
        var shard = offsets.count - 1
        while offsets[shard] > Int(position) { shard -= 1 }
        return shard
    }
}

extension TransitionHistory.ShardTransitions {
    /// Calls `body` with the number of the connection and the place of each transition that is left.
    fileprivate func forEach(in records: ConnectionRecords, _ body: (UInt32, Int) -> Void) {
        for position in entries.indices where !withdrawn[position] {
            let serial = serial(entries[position].connection)
            if records.has(serial) { body(serial, position) }
        }
    }
}

extension [TransitionHistory.Entry] {
    /// The entries of one connection, in order of time; each endpoint's keep their order. Of an earlier connection on
    /// the same addresses nothing is known.
    ///
    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    init(
        _ transitions: some Sequence<Transition>, of record: ConnectionRecord, isAmended: Bool,
        isNear: (ConnectionRecord, Side) -> Bool
    ) {
        let delays = InlineArray<2, TimeSpan> { side in
            let side: Side = side == 0 ? .low : .high
            return isNear(record, side) ? 0 : record.connection[side].delayToTap
        }
        var last = InlineArray<2, Int?>(repeating: nil)
        self = []
        reserveCapacity(transitions.underestimatedCount)
        for found in transitions {
            var transition = found
            transition.connection = record.connection.serial
            let side = transition.side.rawValue
            let entry = TransitionHistory.Entry(
                transition, delay: delays[side], after: last[side].map { self[$0] },
                isAmended: isAmended)
            last[side] = count
            append(entry)
        }
        self = inOrder
    }

    /// The same in order of time. Each endpoint's are already, and mostly all of them.
    fileprivate var inOrder: Self {
        if zip(self, dropFirst()).allSatisfy({ $0.time <= $1.time }) { return self }
        return enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
    }
}
