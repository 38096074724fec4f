public import TCPState
public import Wire

// For observers with `forgetsClosed`: connections depart once they are over, nothing of them is open to doubt, and they
// have been quiet for `linger`. It happens when the wheel's next tick begins, in any number of shards with the same frame.
extension Tracker {
    /// Files a connection for the time at which it may depart, if nothing but time is missing.
    @inlinable
    mutating func scheduleExpiry(_ index: FlowIndex) {
        guard let expiry = table.flows[index].expiry(after: Tracker.linger) else { return }
        table.flows[index].deadline = min(table.flows[index].deadline, expiry)
        table.schedule(index)
    }

    /// Lets due timers take effect, and connections depart whose time has come.
    @inlinable
    mutating func fireTimersAndExpire(to now: Timestamp) {
        var expired: [FlowIndex] = []
        table.advanceTimers(to: now) { index, flow in
            flow.runTimers(to: now, context: &context)
            guard let expiry = flow.expiry(after: Tracker.linger) else { return }
            flow.deadline = min(flow.deadline, expiry)
            if expiry <= now { expired.append(index) }
        }
        for index in expired { remove(index, .expired) }
    }
}

extension Flow {
    /// When nothing more is expected of the connection; nil while that is not known.
    @inlinable
    func expiry(after linger: TimeSpan) -> Timestamp? {
        guard connection.isFinished, !connection.isOpenToDoubt else { return nil }
        return connection.lastSeen + linger
    }
}
