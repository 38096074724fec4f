import TCPState
import Tracking
import Wire

/// An observer of whole connections, not of their transitions.
protocol ClosedConnectionObserver: DivisibleObserver {}

extension ClosedConnectionObserver {
    static var seesClosedConnectionsOnly: Bool { true }

    mutating func observe(_ transition: Transition) -> UInt32 { 0 }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {}

    mutating func withdraw(_ token: UInt32) {}

    mutating func amend(_ token: UInt32, to state: State) {}
}
