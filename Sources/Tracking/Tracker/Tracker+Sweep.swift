public import TCPState
public import Wire

// For runs that do not end with a file: time passes without frames, and what is over is forgotten.
extension Tracker {
    /// How long a connection is kept after its last segment once both its ends are closed:
    /// late copies of its segments do not begin another one. Where an end was in
    /// TIME-WAIT, that was longer. A RST that was only seen to go past may be lost: what it ended is
    /// kept until nothing more can come of it.
    public static var linger: TimeSpan { 30_000_000_000 }

    /// Lets the timers run to a time at which no frame came.
    ///
    /// - Parameter now: a time on the packet clock before which no frame is to come any more.
    public mutating func tick(to now: Timestamp) {
        advanceTimers(to: counts.last.map { max($0, now) } ?? now)
    }

    /// Lets all timers that are due at a time take effect, also those for which ``tick(to:)`` waits for the wheel's
    /// next tick. Complexity: all connections kept.
    public mutating func runTimers(to now: Timestamp) {
        tick(to: now)
        table.forEach { _, flow in
            flow.runTimers(to: now, context: &context)
        }
    }

    /// Looks at some connections, in store order, and lets those depart that are over and have been
    /// quiet for ``linger``. The work of one call is bounded, whatever the table holds.
    ///
    /// - Parameters:
    ///   - position: where to begin: 0, or where the last call stopped.
    ///   - count: how many connections to look at.
    ///   - body: is shown each connection that stays.
    /// - Returns: where to go on; 0 once all were looked at.
    public mutating func sweep(
        from position: UInt32, count: Int, at now: Timestamp,
        _ body: (ConnectionRecord) -> Void
    ) -> UInt32 {
        var position = position
        for _ in 0..<count {
            guard let index = table.nextLive(from: position) else {
                forgetClosed()
                return 0
            }
            position = index.position + 1
            let isFinished =
                table.flows[index].connection.isFinished
                && !table.flows[index].connection.isOpenToDoubt
            if isFinished, now - table.flows[index].connection.lastSeen >= Tracker.linger {
                remove(index, .expired)
            } else {
                body(table.flows[index].record(context))
            }
        }
        return position
    }

    /// Leaves those that departed out of the list of connections to be evicted first.
    private mutating func forgetClosed() {
        let rest = closed[closedHead...]
        closedHead = 0
        closed = rest.filter { table.isLive($0) && table.flows[$0].connection.isFinished }
    }
}
