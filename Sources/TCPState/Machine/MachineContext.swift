/// What a connection's machine works with besides its own state: who is told, the timers of the hosts' stacks,
/// and the stores of what is inferred and of what was noted. One for all connections of a tracker.
public struct MachineContext<Observer: TransitionObserver>: ~Copyable {
    /// Is told of every transition.
    public var observer: Observer
    /// The hosts' TCP stacks.
    public let profile: StackProfile
    /// Inferred transitions of all connections.
    @usableFromInline var pool = PendingPool()
    /// What was noted of all connections.
    @usableFromInline var rareFacts = RareFactsPool()

    /// Makes a context without connections.
    @inlinable
    public init(observer: Observer, profile: StackProfile = .linux) {
        self.observer = observer
        self.profile = profile
    }
}
