import TCPState
import Tracking
import Wire

/// A history that keeps the departures as well.
struct RecordingObserver: TrackingObserver {
    var history = TransitionHistory()
    var departures: [(record: ConnectionRecord, reason: RemovalReason)] = []

    mutating func observe(_ transition: Transition) -> UInt32 { history.observe(transition) }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        history.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) { history.withdraw(token) }

    mutating func amend(_ token: UInt32, to state: State) { history.amend(token, to: state) }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        history.connectionClosed(record, reason)
        departures.append((record, reason))
    }
}
