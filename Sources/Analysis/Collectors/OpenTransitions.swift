public import TCPState
public import Wire

/// Transitions that may still be confirmed, withdrawn or amended, by the names that an observer gave them.
public struct OpenTransitions {
    private var open: [UInt32: Transition] = [:]
    private var tokens: [UInt32: [UInt32]] = [:]
    private var last: UInt32 = 0

    /// No transitions.
    public init() {}

    /// Names a transition, and keeps it if it is not certain.
    public mutating func name(_ transition: Transition) -> UInt32 {
        last &+= 1
        if transition.grade == .inferred || transition.event == .presumed {
            open[last] = transition
            tokens[transition.connection, default: []].append(last)
        }
        return last
    }

    /// The transition, proved now; nil if it is not open.
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) -> Transition? {
        guard var transition = open.removeValue(forKey: token) else { return nil }
        transition.confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
        return transition
    }

    /// The transition, which did not happen; nil if it is not open.
    public mutating func withdraw(_ token: UInt32) -> Transition? {
        open.removeValue(forKey: token)
    }

    /// The transition, which led to another state; nil if it is not open.
    public mutating func amend(_ token: UInt32, to state: State) -> Transition? {
        open[token]?.to = state
        return open[token]
    }

    /// Forgets those of a connection.
    public mutating func forget(_ serial: UInt32) {
        for token in tokens.removeValue(forKey: serial) ?? [] { open[token] = nil }
    }
}
