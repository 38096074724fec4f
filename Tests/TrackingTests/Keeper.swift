import TCPState
import Tracking
import Wire

/// A history that keeps the departures as well.
struct Keeper: TrackingObserver {
    var history = TransitionHistory()
    var departures: [(record: ConnectionRecord, reason: Departure)] = []

    mutating func observe(_ transition: Transition) -> UInt32 { history.observe(transition) }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        history.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) { history.withdraw(token) }

    mutating func amend(_ token: UInt32, to state: State) { history.amend(token, to: state) }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        history.depart(record, reason)
        departures.append((record, reason))
    }
}
