/// A number for each of a few keys: a list, since that is faster than a dictionary where they are few.
public struct SmallCounter<Key: Equatable & Sendable>: Sendable {
    /// The keys that were counted, in the order in which they came first.
    public private(set) var entries: [(key: Key, count: UInt64)] = []

    /// Nothing.
    init() {}

    /// One key alone.
    init(_ key: Key, _ count: UInt64) { entries = [(key, count)] }

    /// The number of a key; 0 if it never came.
    public subscript(key: Key) -> UInt64 {
        entries.first { $0.key == key }?.count ?? 0
    }

    /// Counts a key.
    mutating func add(_ key: Key, _ count: UInt64 = 1) {
        if let place = entries.firstIndex(where: { $0.key == key }) {
            entries[place].count += count
        } else {
            entries.append((key, count))
        }
    }

    /// Adds what another one counted.
    mutating func add(_ other: SmallCounter) {
        for entry in other.entries { add(entry.key, entry.count) }
    }
}
