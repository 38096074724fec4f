internal import Diagnosis
internal import TCPState
internal import Tracking
internal import Wire

/// Keeps what a tracker tells.
struct CollectingObserver: TrackingObserver, TransitionForwarder {
    var history = TransitionHistory()
    var records: [UInt32: ConnectionRecord] = [:]
    var summary = RunSummary(local: [])
    var end: Timestamp?

    var transitions: TransitionHistory {
        _read { yield history }
        _modify { yield &history }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        history.connectionClosed(record, reason)
        let previous = records.updateValue(copy record, forKey: record.connection.serial)
        require(previous == nil, "a connection departed twice")
        summary.add(record, at: reason == .captureEnd ? end : nil)
    }

    /// Every segment is one connection's; a history's time does not run backwards, and it ends in the
    /// state that its endpoint is in.
    func check(segments: UInt64) {
        let packets = records.values.reduce(UInt64(0)) { sum, record in
            Side.allCases.reduce(sum) { $0 + record.connection[$1].packets }
        }
        require(packets == segments, "\(segments) segments, connections have \(packets)")
        var states: [UInt64: State] = [:]
        for entry in history.timeline() {
            require((entry.timeInState ?? 0) >= 0, "a state lasted less than no time")
            let transition = entry.transition
            states[end(transition.connection, transition.side)] = transition.to
        }
        for record in records.values {
            let connection = record.connection
            // A socket that is connected to itself has one history.
            let isOneSocket = connection.anomalies.contains(.selfConnect)
            for side in isOneSocket ? [.low] : Side.allCases {
                let state = connection[side].state
                // Where a connection was refused nothing changed: CLOSED it is, and was.
                let last =
                    states[end(connection.serial, side)]
                    ?? (state == .closed ? .closed : .unknown)
                require(last == state, "in \(state), but its history ends in \(last)")
            }
        }
    }

    private func end(_ serial: UInt32, _ side: Side) -> UInt64 {
        UInt64(serial) << 1 | UInt64(side.rawValue)
    }
}
