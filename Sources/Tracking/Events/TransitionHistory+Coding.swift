public import TCPState
import Wire

// The transitions of a part of a run, as bytes, without their connections.
extension TransitionHistory {
    /// What is left of the transitions, each as it stood at the end, in the order in which they were found; and whether
    /// the connection of each was amended.
    public var kept: some Sequence<(transition: Transition, isAmended: Bool)> {
        entries.indices.lazy.filter { !withdrawn[$0] }.map {
            (entries[$0], amended.contains(entries[$0].connection))
        }
    }

    /// Adds a transition of a part of the run, under its number in the run.
    public mutating func add(_ transition: Transition, isAmended: Bool) {
        entries.append(transition)
        withdrawn.append(false)
        if isAmended { amended.insert(transition.connection) }
    }
}
