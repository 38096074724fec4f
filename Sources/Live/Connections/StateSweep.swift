import Diagnosis
import TCPState
import Tracking
import Wire

/// Looks at all connections again and again, some at a time: a round over all of them begins five times a
/// second, or less often where there are many, so that looking takes an eighth of the time at most.
struct StateSweep {
    /// The states as the last whole round found them.
    private(set) var counts: RoleCounts
    private var round: RoleCounts
    private let empty: RoleCounts
    /// Whether a round is under way.
    private(set) var isUnderWay = false
    private var next: Timestamp
    private let host: any LiveHost
    /// How long the round has taken.
    private var cost: TimeSpan = 0

    /// Connections that are looked at without a look at the packets.
    private static let slice = 1 << 15

    init(local: AddressSet, _ host: any LiveHost) {
        self.host = host
        empty = RoleCounts(local: local)
        (counts, round, next) = (empty, empty, host.now)
    }

    /// Whether a round begins or goes on now.
    func isDue(_ now: Timestamp) -> Bool { isUnderWay || now >= next }

    /// Begins the next round at once.
    mutating func hurry() { next = Timestamp(nanoseconds: 0) }

    /// Looks at some connections. Returns whether the round is complete.
    ///
    /// - Parameters:
    ///   - clock: the time on the packets' clock.
    ///   - body: is shown each.
    mutating func advance<Observer>(
        _ tracker: inout Tracker<Observer>, at clock: Timestamp, _ now: Timestamp,
        _ body: (ConnectionRecord) -> Void
    ) -> Bool {
        if !isUnderWay { (round, cost) = (empty, 0) }
        isUnderWay = !tracker.sweep(count: StateSweep.slice, at: clock) { record in
            round.count(record)
            body(record)
        }
        let end = host.now
        cost += end - now
        guard !isUnderWay else { return false }
        next = now + max(200_000_000, 7 * cost)
        counts = round
        return true
    }
}
