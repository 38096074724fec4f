internal import Memory
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

    /// Goes on with a round over all connections, for an observer that looks them up, and lets those depart that are over
    /// and have been quiet for ``linger``. A round shows each connection once that is there all the time, whatever form
    /// it takes meanwhile. The work of one call is bounded, whatever the table holds.
    ///
    /// - Parameters:
    ///   - count: at how many places to look.
    ///   - body: is shown each connection that stays.
    /// - Returns: whether the round is complete: the next call begins another one.
    public mutating func sweep(
        count: Int, at now: Timestamp, _ body: (ConnectionRecord) -> Void
    ) -> Bool {
        var record = ConnectionRecord.blank
        for _ in 0..<count {
            switch nextPlace() {
            case .end:
                forgetClosed()
                return true
            case .free: continue
            case .connection(let index):
                if !index.isCompact,
                    let expiry = table.flows[index].expiry(after: Tracker.linger), expiry <= now
                {
                    remove(index, .expired)
                } else {
                    write(index, to: &record)
                    body(record)
                }
            }
        }
        return false
    }

    private enum SweptPlace {
        case connection(FlowIndex)
        case free
        case end
    }

    /// The next place of the round: flows, then compact ones, then those that it has missed.
    private mutating func nextPlace() -> SweptPlace {
        if let place = round.nextPlace(flows: table.flows.used, compact: table.compactFlows.used) {
            let isLive =
                place.isCompact ? table.compactFlows[place].isLive : table.flows[place].isLive
            return isLive && !round.takeSeen(place) ? .connection(place) : .free
        }
        guard let serial = round.takeMissed() else { return .end }
        return indexBySerial[serial].map { .connection($0) } ?? .free
    }

    /// Leaves those that departed out of the list of connections to be evicted first.
    private mutating func forgetClosed() {
        let rest = closed[closedHead...]
        closedHead = 0
        closed = rest.filter { table.isLive($0) && table.flows[$0].connection.isFinished }
    }
}
