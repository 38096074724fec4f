public import TCPState

/// Records of connections by their numbers, which are dense.
///
/// A lookup is two array accesses. Memory: the records, and 4 bytes for each number up to the largest.
@usableFromInline
struct ConnectionRecords: Sendable {
    /// In the order in which they were added.
    @usableFromInline private(set) var all: [ConnectionRecord] = []
    /// By number the record's place, from 1; 0 without any.
    private var positions: [UInt32] = []

    @usableFromInline
    init() {}

    /// Above every number.
    var limit: Int { positions.count }

    /// The record of a number; nil without any.
    subscript(serial: UInt32) -> ConnectionRecord? {
        let position = Int(serial) < positions.count ? positions[Int(serial)] : 0
        return position == 0 ? nil : all[Int(position) - 1]
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
        if serial >= positions.count {
            positions.append(contentsOf: repeatElement(0, count: serial + 1 - positions.count))
        }
        if positions[serial] == 0 {
            all.append(record)
            positions[serial] = UInt32(truncatingIfNeeded: all.count)
        } else {
            all[Int(positions[serial]) - 1] = record
        }
    }
}
