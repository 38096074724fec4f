public import Wire

/// An observer that leaves transitions to another one: the one place where they are passed on.
public protocol TransitionForwarder: TransitionObserver {
    /// The type of the other one.
    associatedtype Transitions: TransitionObserver
    /// The other one. Changed in place: a stored property, or one with `_modify`.
    var transitions: Transitions { get set }
}

extension TransitionForwarder {
    /// Passes a transition on.
    @inlinable
    public mutating func observe(_ transition: Transition) -> UInt32 {
        transitions.observe(transition)
    }

    /// Passes a proof on.
    @inlinable
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        transitions.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    /// Passes a refutation on.
    @inlinable
    public mutating func withdraw(_ token: UInt32) { transitions.withdraw(token) }

    /// Passes a correction on.
    @inlinable
    public mutating func amend(_ token: UInt32, to state: State) {
        transitions.amend(token, to: state)
    }
}

extension TransitionForwarder where Transitions == NoTransitions {
    /// Nobody looks at them.
    @inlinable
    public var transitions: NoTransitions {
        get { NoTransitions() }
        set {}
    }
}
