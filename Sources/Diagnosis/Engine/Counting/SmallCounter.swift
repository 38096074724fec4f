/// A number for each of a few keys: a list, since that is faster than a dictionary where they are few. The first key
/// stands beside the list: where there is no other, nothing is allocated.
public struct SmallCounter<Key: Equatable & Sendable>: Sendable {
    private var first: (key: Key, count: UInt64)?
    private var others: [(key: Key, count: UInt64)] = []

    /// Nothing.
    init() {}

    /// One key alone.
    init(_ key: Key, _ count: UInt64) { first = (key, count) }

    /// The keys that were counted, in the order in which they came first. O(n).
    public var entries: [(key: Key, count: UInt64)] {
        first.map { [$0] + others } ?? []
    }

    /// The number of a key; 0 if it never came. O(n).
    public subscript(key: Key) -> UInt64 {
        if let first, first.key == key { return first.count }
        return others.first { $0.key == key }?.count ?? 0
    }

    /// The key that came most often: of several the one with the smallest rank; nil without any. O(n).
    func mostFrequent(_ rank: (Key) -> UInt8) -> Key? {
        guard var most = first else { return nil }
        for entry in others
        where (most.count, rank(entry.key)) < (entry.count, rank(most.key)) {
            most = entry
        }
        return most.key
    }

    /// Counts a key.
    mutating func add(_ key: Key, _ count: UInt64 = 1) {
        if first == nil {
            first = (key, count)
        } else if first?.key == key {
            first?.count += count
        } else if let index = others.firstIndex(where: { $0.key == key }) {
            others[index].count += count
        } else {
            others.append((key, count))
        }
    }

    /// Adds what another one counted.
    mutating func add(_ other: SmallCounter) {
        if let first = other.first { add(first.key, first.count) }
        for entry in other.others { add(entry.key, entry.count) }
    }
}
