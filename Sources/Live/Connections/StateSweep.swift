import Diagnosis
import TCPState
import Tracking
import Wire

/// Looks at all connections again and again, some at a time: a round over all of them begins five times a
/// second, or less often where there are many, so that looking takes an eighth of the time at most. Where packets wait, that
/// holds between any two looks: a round takes longer then.
struct StateSweep {
    /// The states as the last whole round found them.
    private(set) var counts: RoleCounts
    private var round: RoleCounts
    private let empty: RoleCounts
    /// Whether a round is under way.
    private(set) var isUnderWay = false
    /// When it begins, or goes on where packets wait.
    private var next: Timestamp
    private let host: any LiveHost
    /// When the round began, and how long it has taken.
    private var begun: Timestamp
    private var cost: TimeSpan = 0

    /// Places of connections that are looked at without a look at the packets.
    private static let slice = 1 << 13
    /// From the beginning of a round to that of the next one, at least.
    private static let interval = TimeSpan.milliseconds(200)

    init(local: AddressSet, _ host: any LiveHost) {
        self.host = host
        empty = RoleCounts(local: local)
        (counts, round) = (empty, empty)
        begun = host.now
        next = begun
    }

    /// Whether a round begins or goes on now.
    ///
    /// - Parameter isIdle: whether no packet waits.
    func isDue(_ now: Timestamp, isIdle: Bool) -> Bool { isUnderWay && isIdle || now >= next }

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
        if !isUnderWay { (round, begun, cost) = (empty, now, 0) }
        isUnderWay = !tracker.sweep(count: StateSweep.slice, at: clock) { record in
            round.count(record)
            body(record)
        }
        let end = host.now
        cost += end - now
        next = end + 7 * (end - now)
        guard !isUnderWay else { return false }
        next = begun + max(Self.interval, 8 * cost)
        counts = round
        return true
    }
}
