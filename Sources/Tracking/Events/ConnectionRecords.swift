internal import Memory
public import TCPState

/// Records of connections by their numbers, which are dense.
///
/// A lookup is a few array accesses. Memory: the records, 4 bytes for each, and 4 for each number up to the largest.
@usableFromInline
struct ConnectionRecords: Sendable {
    /// What was added by one: a list that others were added to goes on in a new part, so that none is copied.
    private struct Part {
        /// How many records the parts before have.
        let offset: Int
        var records = PiecewiseArray<ConnectionRecord>()
        /// The hashes of their keys: records are far apart, and few keys are wanted later.
        var hashes: [UInt32] = []
    }

    private var parts: [Part] = [Part(offset: 0)]
    /// By number the record's place, from 1; 0 without any.
    private var positions: [UInt32] = []

    @usableFromInline
    init() {}

    /// In the order in which they were added.
    var all: some Sequence<ConnectionRecord> { parts.lazy.flatMap(\.records) }

    /// The numbers of the connections on addresses and ports that others have, too. O(records).
    ///
    /// Few have: a table of 16 bits for each record finds those that may, and these alone are looked at.
    func serialsOnSharedKeys() -> Set<UInt32> {
        let words = count / 4 + 1
        var (used, shared) = (
            [UInt64](repeating: 0, count: words), [UInt64](repeating: 0, count: words)
        )
        func place(_ hash: UInt32) -> (word: Int, bit: UInt64) {
            let place = Int(hash) % (words * 64)
            return (place / 64, 1 << UInt64(place % 64))
        }
        for part in parts {
            for hash in part.hashes {
                let (word, bit) = place(hash)
                shared[word] |= used[word] & bit
                used[word] |= bit
            }
        }
        var serials: Set<UInt32> = []
        var first: [FlowKey: UInt32] = [:]
        for part in parts {
            for (index, hash) in part.hashes.enumerated() {
                let (word, bit) = place(hash)
                guard shared[word] & bit != 0 else { continue }
                let record = part.records[index]
                let serial = record.connection.serial
                guard let other = first.updateValue(serial, forKey: record.key) else { continue }
                serials.insert(other)
                serials.insert(serial)
            }
        }
        return serials
    }

    /// How many records there are.
    var count: Int { parts[parts.count - 1].offset + parts[parts.count - 1].records.count }

    /// Above every number.
    var limit: Int { positions.count }

    /// The record of a number; nil without any.
    subscript(serial: UInt32) -> ConnectionRecord? {
        place(of: serial).map { parts[$0.part].records[$0.index] }
    }

    /// Calls `body` with the record of a number, where there is one: it is not copied.
    func withRecord(_ serial: UInt32, _ body: (borrowing ConnectionRecord) -> Void) {
        if let place = place(of: serial) { body(parts.span[place.part].records[place.index]) }
    }

    /// Asks for the record of a number, while there is other work to do.
    func prefetch(_ serial: UInt32) {
        guard let place = place(of: serial) else { return }
        parts.span[place.part].records.prefetch(CollectionOfOne(place.index), lines: 6)
    }

    /// Whether a number has a record.
    func has(_ serial: UInt32) -> Bool {
        Int(serial) < positions.count && positions[Int(serial)] != 0
    }

    /// The numbers that have records, in order.
    var serials: some Sequence<UInt32> {
        (0..<UInt32(truncatingIfNeeded: positions.count)).lazy.filter { positions[Int($0)] != 0 }
    }

    /// Adds a record, in the place of one with the same number.
    @usableFromInline
    mutating func add(_ record: ConnectionRecord) {
        let serial = Int(record.connection.serial)
        makeRoom(for: serial)
        if positions[serial] == 0 {
            let hash = UInt(bitPattern: record.key.hashValue)
            parts[parts.count - 1].records.append(record)
            parts[parts.count - 1].hashes.append(UInt32(truncatingIfNeeded: hash))
            positions[serial] = UInt32(truncatingIfNeeded: count)
        } else if let place = place(of: record.connection.serial) {
            parts[place.part].records[place.index] = record
        }
    }

    /// Adds the records of others, which have other numbers.
    mutating func add(_ other: ConnectionRecords) {
        makeRoom(for: other.limit - 1)
        for part in other.parts {
            let offset = count
            for (index, record) in part.records.enumerated() {
                positions[Int(record.connection.serial)] =
                    UInt32(truncatingIfNeeded: offset + index + 1)
            }
            parts.append(Part(offset: offset, records: part.records, hashes: part.hashes))
        }
        parts.append(Part(offset: count))
    }

    private mutating func makeRoom(for serial: Int) {
        if serial >= positions.count {
            positions.append(contentsOf: repeatElement(0, count: serial + 1 - positions.count))
        }
    }

    /// Where the record of a number lies; nil without any. Parts are as few as threads.
    private func place(of serial: UInt32) -> (part: Int, index: Int)? {
        guard has(serial) else { return nil }
        let position = Int(positions[Int(serial)]) - 1
        var part = parts.count - 1
        while parts[part].offset > position { part -= 1 }
        return (part, position - parts[part].offset)
    }
}
