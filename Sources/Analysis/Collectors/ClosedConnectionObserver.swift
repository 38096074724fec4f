import TCPState
import Tracking
import Wire

/// An observer of whole connections, not of their transitions.
protocol ClosedConnectionObserver: DivisibleObserver, TransitionForwarder
where Transitions == NoTransitions {}

extension ClosedConnectionObserver {
    static var seesClosedConnectionsOnly: Bool { true }
}
