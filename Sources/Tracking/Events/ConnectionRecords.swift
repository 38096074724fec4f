internal import Memory
public import TCPState

/// Records of connections by their numbers, which are dense.
///
/// A lookup is a few array accesses. Memory: the records, and 4 bytes for each number up to the largest.
@usableFromInline
struct ConnectionRecords: Sendable {
    /// What was added by one: a list that others were added to goes on in a new part, so that none is copied.
    private struct Part {
        /// How many records the parts before have.
        let offset: Int
        var records = PiecewiseArray<ConnectionRecord>()
    }

    private var parts: [Part] = [Part(offset: 0)]
    /// By number the record's place, from 1; 0 without any.
    private var positions: [UInt32] = []

    @usableFromInline
    init() {}

    /// In the order in which they were added.
    var all: some Sequence<ConnectionRecord> { parts.lazy.flatMap(\.records) }

    /// How many records there are.
    var count: Int { parts[parts.count - 1].offset + parts[parts.count - 1].records.count }

    /// Above every number.
    var limit: Int { positions.count }

    /// The record of a number; nil without any.
    subscript(serial: UInt32) -> ConnectionRecord? {
        let position = Int(serial) < positions.count ? Int(positions[Int(serial)]) - 1 : -1
        guard position >= 0 else { return nil }
        let part = part(of: position)
        return parts[part].records[position - parts[part].offset]
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
            parts[parts.count - 1].records.append(record)
            positions[serial] = UInt32(truncatingIfNeeded: count)
        } else {
            let position = Int(positions[serial]) - 1
            let part = part(of: position)
            parts[part].records[position - parts[part].offset] = record
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
            parts.append(Part(offset: offset, records: part.records))
        }
        parts.append(Part(offset: count))
    }

    private mutating func makeRoom(for serial: Int) {
        if serial >= positions.count {
            positions.append(contentsOf: repeatElement(0, count: serial + 1 - positions.count))
        }
    }

    /// Parts are as few as threads.
    private func part(of position: Int) -> Int {
        var part = parts.count - 1
        while parts[part].offset > position { part -= 1 }
        return part
    }
}
