/// Values by key, each with a place of its own, where the same few keys come again and again: most of the
/// time a key is where it was looked up last, and its real hash is not needed.
public struct IndexedTable<Key: FastHashable & Sendable, Value: Sendable>: Sendable {
    /// The keys, by place.
    public private(set) var keys: [Key] = []
    /// Their values.
    public var values: [Value] = []

    /// No keys.
    public init() {}

    private var indices: [Key: Int] = [:]
    /// By the last bits of what a key mixes: the place of one that was looked up lately.
    private var recent = [UInt32](repeating: .max, count: 4096)

    /// How many keys there are.
    public var count: Int { keys.count }

    /// Where a key is; nil if it is new.
    public mutating func index(of key: Key) -> Int? {
        let slot = Int(truncatingIfNeeded: key.mixed) & 4095
        let last = Int(recent[slot])
        if last < keys.count, keys[last] == key { return last }
        guard let index = indices[key] else { return nil }
        recent[slot] = UInt32(truncatingIfNeeded: index)
        return index
    }

    /// The same of one that will not be looked up again soon.
    func place(of key: Key) -> Int? { indices[key] }

    /// Adds a new key.
    public mutating func add(_ key: Key, _ value: Value) -> Int {
        indices[key] = count
        keys.append(key)
        values.append(value)
        return count - 1
    }

    /// The value of a key; nil if it is new.
    public subscript(key: Key) -> Value? { place(of: key).map { values[$0] } }
}

/// What has a hash that takes less time than a dictionary's, and that strangers may choose.
public protocol FastHashable: Hashable {
    /// That hash.
    var mixed: UInt64 { get }
}
