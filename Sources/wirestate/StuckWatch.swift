import Diagnosis
import TCPState
import Wire

/// Which connections are stuck, as of when each was looked at last.
struct StuckWatch {
    /// What became of a connection.
    enum News {
        /// It is stuck from now on.
        case begun(StuckConnection)
        /// It is stuck no longer.
        case over(StuckConnection)
    }

    /// Nanoseconds after which a half-close, an open half or a handshake counts as stuck; a stall has
    /// thresholds of its own.
    let patience: Int64
    /// The stuck connections, by serial number.
    private(set) var stuck: [UInt32: StuckConnection] = [:]

    init(patience: Int64) { self.patience = patience }

    /// Looks at a connection.
    mutating func look(_ key: FlowKey, _ connection: Connection, at now: Timestamp) -> News? {
        let known = stuck[connection.serial]
        guard let found = find(key, connection, at: now) else {
            guard let known else { return nil }
            stuck[connection.serial] = nil
            return .over(known)
        }
        stuck[connection.serial] = found
        guard let known else { return .begun(found) }
        _ = known
        return nil
    }

    /// A connection has departed.
    mutating func forget(_ serial: UInt32) -> News? {
        stuck.removeValue(forKey: serial).map { .over($0) }
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
