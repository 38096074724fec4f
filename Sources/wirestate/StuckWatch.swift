import Diagnosis
import TCPState
import Wire

/// Which connections are stuck, as of when each was looked at last.
struct StuckWatch {
    /// A connection that is stuck.
    struct Item {
        var stuck: StuckConnection
        let key: FlowKey
        let client: Side
        /// The local programs that hold its sockets, where they are known.
        var process: String?
    }

    /// What became of a connection.
    enum News {
        /// It is stuck from now on.
        case begun(UInt32)
        /// It is stuck no longer.
        case over(Item)
    }

    /// Nanoseconds after which what waits counts as stuck.
    private let patience: Int64
    /// The stuck connections, by serial number.
    var items: [UInt32: Item] = [:]

    init(patience: Int64) { self.patience = patience }

    /// Looks at a connection.
    mutating func look(_ key: FlowKey, _ connection: Connection, at now: Timestamp) -> News? {
        let serial = connection.serial
        guard let stuck = find(key, connection, at: now) else { return forget(serial) }
        if items[serial] != nil {
            items[serial]?.stuck = stuck
            return nil
        }
        items[serial] = Item(stuck: stuck, key: key, client: connection.opener)
        return .begun(serial)
    }

    /// A connection is no longer stuck, or has departed.
    mutating func forget(_ serial: UInt32) -> News? {
        items.isEmpty ? nil : items.removeValue(forKey: serial).map { .over($0) }
    }

    private func find(
        _ key: FlowKey, _ connection: Connection, at now: Timestamp
    ) -> StuckConnection? {
        guard let situation = Situation(of: connection, at: now), situation.owing != nil
        else { return nil }
        let stuck = StuckConnection(
            ConnectionRecord(key: key, connection: connection), situation)
        return now - stuck.since >= patience ? stuck : nil
    }
}
