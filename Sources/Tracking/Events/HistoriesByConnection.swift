internal import Memory
public import TCPState
internal import Wire

/// The histories of a run's connections, one by one: several threads may ask for them at once.
///
/// Made in O(transitions + connections), with 4 bytes for each of both.
public final class HistoriesByConnection: Sendable {
    /// The transitions of each part, and which of its connections have amended ones.
    private let entries: [PiecewiseArray<Transition>]
    private let amended: [Set<UInt32>]
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
        entries = shards.map(\.entries)
        amended = shards.map(\.amended)
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
        let serials = history.records.serialsOnSharedKeys()
        guard !serials.isEmpty else { return [:] }
        let entries = history.entries(isNear: isNear) { serials.contains($0) }
        return Dictionary(grouping: entries) { $0.transition.connection }.mapValues(\.inOrder)
    }

    /// How many connections there are.
    public var count: Int { order.count }

    /// Some of the histories, each made when it is its turn.
    public struct Histories {
        fileprivate let all: HistoriesByConnection
        fileprivate let positions: Range<Int>

        /// How many there are.
        public var count: Int { positions.count }

        /// How many transitions they have.
        public var transitionCount: Int {
            all.starts[positions.upperBound] - all.starts[positions.lowerBound]
        }

        /// Calls `body` with each connection as it was at the end, its transitions in order of time, and how many the
        /// connections before it have.
        public func forEach(
            _ body: (borrowing ConnectionRecord, [TransitionHistory.Entry], Int) -> Void
        ) {
            for position in positions { all.visit(position, body) }
        }
    }

    /// The histories of some connections, by their places in the order of first segments.
    public subscript(range: Range<Int>) -> Histories { Histories(all: self, positions: range) }

    private func visit(
        _ index: Int, _ body: (borrowing ConnectionRecord, [TransitionHistory.Entry], Int) -> Void
    ) {
        prefetch(index, ahead: 8)
        let serial = order[index]
        records.withRecord(serial) { record in
            body(record, related[serial] ?? entries(index, record), starts[index])
        }
    }

    private func entries(
        _ index: Int, _ record: borrowing ConnectionRecord
    ) -> [TransitionHistory.Entry] {
        unsafe withPlaces(index) { part, places in
            let entries = entries[part]
            let own = unsafe entries[places[0]].connection
            return unsafe [TransitionHistory.Entry](
                places.lazy.map { entries[$0] }, of: record,
                isAmended: !amended[part].isEmpty && amended[part].contains(own), isNear: isNear)
        } ?? []
    }

    /// Asks for what a connection needs that comes so many places later: it lies anywhere in memory.
    private func prefetch(_ index: Int, ahead distance: Int) {
        if index + distance < order.count { records.prefetch(order[index + distance]) }
        // By now it is known where its transitions lie.
        let next = index + distance / 2
        guard next < order.count else { return }
        unsafe withPlaces(next) { part, places in
            unsafe entries.withUnsafeBufferPointer {
                unsafe $0[part].prefetch(places.prefix(16), lines: 2)
            }
        }
    }

    /// Calls `body` with the part that a connection's transitions lie in, and their places in it; nil without any.
    ///
    /// No reference to an array is counted, which the other threads would wait for.
    private func withPlaces<Result>(
        _ index: Int, _ body: (Int, LazyMapCollection<UnsafeBufferPointer<UInt32>, Int>) -> Result
    ) -> Result? {
        unsafe positions.withUnsafeBufferPointer { positions in
            let found = unsafe UnsafeBufferPointer(
                rebasing: positions[starts[index]..<starts[index + 1]])
            guard let first = unsafe found.first else { return nil }
            let part = part(of: first)
            let offset = offsets[part]
            return unsafe body(part, found.lazy.map { Int($0) - offset })
        }
    }

    private func part(of position: UInt32) -> Int {
        var part = offsets.count - 1
        while offsets[part] > Int(position) { part -= 1 }
        return part
    }
}

extension TransitionHistory.ShardTransitions {
    /// Calls `body` with the number of the connection and the place of each transition that is left.
    fileprivate func forEach(in records: ConnectionRecords, _ body: (UInt32, Int) -> Void) {
        for (position, owner) in owners.enumerated() where owner != TransitionHistory.none {
            let serial = serial(owner)
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
        _ transitions: some Sequence<Transition>, of record: borrowing ConnectionRecord,
        isAmended: Bool,
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
