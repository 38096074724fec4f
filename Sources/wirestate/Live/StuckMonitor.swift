import Diagnosis
import TCPState
import Wire

/// Which connections are stuck, as of when each was looked at last.
struct StuckMonitor {
    /// A connection that is stuck.
    struct Item {
        /// What is the matter.
        var trouble: FindingExample
        /// The local programs that hold its sockets, where they are known.
        var process: String?
    }

    /// What became of a connection.
    enum Change {
        /// It is stuck from now on.
        case begun(UInt32)
        /// It is stuck no longer.
        case over(Item)
    }

    private let limits: Thresholds
    /// The stuck connections, by serial number.
    var items: [UInt32: Item] = [:]

    init(_ limits: Thresholds) { self.limits = limits }

    /// Looks at a connection.
    mutating func look(_ record: ConnectionRecord, at now: Timestamp) -> Change? {
        let serial = record.connection.serial
        guard let trouble = ConnectionExaminer(record, at: now, limits).trouble else {
            return forget(serial)
        }
        if items[serial] != nil {
            items[serial]?.trouble = trouble
            return nil
        }
        items[serial] = Item(trouble: trouble)
        return .begun(serial)
    }

    /// A connection is no longer stuck, or has departed.
    mutating func forget(_ serial: UInt32) -> Change? {
        items.isEmpty ? nil : items.removeValue(forKey: serial).map { .over($0) }
    }
}
