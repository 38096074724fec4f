public import TCPState
internal import Wire

/// Counts the changes of state of a live run as they are found, and how long ends stayed in the states that they left.
public struct TransitionMeter: Sendable {
    private var counts = [UInt64](repeating: 0, count: 1 << 11)
    /// By state and role; see ``duration(_:_:)``.
    private var durations = [DurationHistogram](
        repeating: DurationHistogram(bounds: stayBounds), count: 1 << 5)
    /// From SYN to SYN,ACK and its arrival, as clients that connected had to wait.
    public private(set) var connecting = DurationHistogram(bounds: handshakeBounds)
    /// From SYN,ACK to the ACK that ends the handshake, as servers had to wait.
    public private(set) var accepting = DurationHistogram(bounds: handshakeBounds)
    /// Changes that were disproved later.
    public private(set) var withdrawn: UInt64 = 0

    /// Nothing.
    public init() {}

    /// Every kind of change that occurred, by number.
    public var changes: [(from: State, to: State, role: Role, grade: Grade, count: UInt64)] {
        var found: [(from: State, to: State, role: Role, grade: Grade, count: UInt64)] = []
        for from in State.allCases {
            for to in State.allCases {
                for role in Role.allCases {
                    for grade in Grade.allCases {
                        let count = counts[TransitionMeter.index(from, to, role, grade)]
                        if count > 0 { found.append((from, to, role, grade, count)) }
                    }
                }
            }
        }
        return found
    }

    /// How long ends in a role stayed in a state that they have left.
    public func duration(_ state: State, _ role: Role) -> DurationHistogram {
        durations[TransitionMeter.index(state, role)]
    }

    private static func index(
        _ from: State, _ to: State, _ role: Role, _ grade: Grade
    ) -> Int {
        (Int(from.rawValue) << 4 | Int(to.rawValue)) << 3 | Int(role.rawValue) << 2
            | Int(grade.rawValue)
    }

    private static func index(_ state: State, _ role: Role) -> Int {
        Int(state.rawValue) << 1 | Int(role.rawValue)
    }

    private static let stayBounds: [TimeSpan] =
        [.milliseconds(100)] + [1, 5, 15, 60, 300, 900, 3600].map { .seconds($0) }
    private static let handshakeBounds: [TimeSpan] =
        [1, 5, 10, 25, 50, 100, 250, 500, 1000, 3000, 10_000].map { .milliseconds($0) }

    /// A change was found.
    ///
    /// - Parameter stay: how long the end was in the state that it left.
    public mutating func add(_ transition: Transition, _ stay: StateStays.Stay) {
        let (from, to) = (transition.from, transition.to)
        counts[TransitionMeter.index(from, to, stay.role, transition.grade)] += 1
        guard let duration = stay.duration else { return }
        durations[TransitionMeter.index(from, stay.role)].observe(duration)
        if to == .established {
            if from == .synSent { connecting.observe(duration) }
            if from == .synReceived { accepting.observe(duration) }
        }
    }

    /// A change that was noted has not happened.
    public mutating func withdraw() { withdrawn += 1 }
}
