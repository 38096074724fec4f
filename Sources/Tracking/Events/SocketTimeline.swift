public import TCPState
public import Wire

/// The endpoints at one instant after another, by a final history: what is shown for an instant is what
/// is known about it at the end, not what could be known then.
///
/// An endpoint has one entry for as long as it has a state; a connection that had to leave a full
/// table is not shown after its last segment.
public struct SocketTimeline: Sendable {
    /// One endpoint at the instant.
    public struct Socket: Sendable {
        /// The transition that led to its state.
        public let entry: TransitionHistory.Entry
        /// Its connection as it was at the end.
        public let record: ConnectionRecord

        /// Its state.
        public var state: State { entry.transition.to }
        /// Which end it is.
        public var side: Side { entry.transition.side }
    }

    /// An endpoint's state changes, or the endpoint is forgotten where there is no entry.
    private struct Change {
        let time: Timestamp
        let end: UInt64
        let entry: Int?
    }

    /// How many endpoints are in each state at the instant.
    public private(set) var counts = StateCounts()
    private let timeline: [TransitionHistory.Entry]
    private let records: ConnectionRecords
    private var changes: [Change] = []
    private var position = 0
    private var current: [UInt64: Int] = [:]

    /// Begins before the first transition.
    ///
    /// - Parameter isNear: as in ``TransitionHistory/timeline(isNear:)``.
    public init(
        _ history: TransitionHistory,
        isNear: (ConnectionRecord, Side) -> Bool = { _, _ in false }
    ) {
        timeline = history.timeline(isNear: isNear)
        records = history.records
        changes = timeline.enumerated().map { index, entry in
            let transition = entry.transition
            let end = SocketTimeline.end(transition.connection, transition.side)
            return Change(time: entry.time, end: end, entry: index)
        }
        guard !history.evicted.isEmpty else { return }
        for (serial, time) in history.evicted {
            for side in Side.allCases {
                let end = SocketTimeline.end(serial, side)
                changes.append(Change(time: time + 1, end: end, entry: nil))
            }
        }
        changes = changes.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
    }

    /// Goes on to an instant, what happened at it included; to the end where it is nil. There is no
    /// way back.
    public mutating func advance(to time: Timestamp?) {
        while position < changes.count {
            let change = changes[position]
            if let time, change.time > time { return }
            position += 1
            if let old = current[change.end] { counts[timeline[old].transition.to] -= 1 }
            current[change.end] = change.entry
            if let entry = change.entry { counts[timeline[entry].transition.to] += 1 }
        }
    }

    /// The endpoints that have a state, by connection, the client first.
    public var sockets: [Socket] {
        let found = current.values.compactMap { index in
            records[timeline[index].transition.connection].map {
                Socket(entry: timeline[index], record: $0)
            }
        }
        return found.sorted { $0.order < $1.order }
    }

    private static func end(_ serial: UInt32, _ side: Side) -> UInt64 {
        UInt64(serial) << 1 | UInt64(side.rawValue)
    }
}

extension SocketTimeline.Socket {
    fileprivate var order: (UInt32, UInt8) {
        (record.connection.serial, record.connection.role(side).rawValue)
    }
}
