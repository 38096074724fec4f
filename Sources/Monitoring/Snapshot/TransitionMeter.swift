internal import Memory
public import TCPState
internal import Wire

/// Counts the changes of state of a live run as they are found, and how long ends stayed in the states that they left.
///
/// Memory: some 30 bytes for each connection that is open.
public struct TransitionMeter: Sendable {
    /// What has been counted.
    public struct Totals: Sendable {
        fileprivate var counts = [UInt64](repeating: 0, count: 1 << 11)
        /// By state and role; see ``duration(_:_:)``.
        fileprivate var durations = [DurationHistogram](
            repeating: DurationHistogram(bounds: stayBounds), count: 1 << 5)
        /// From SYN to SYN,ACK and its arrival, as clients that connected had to wait.
        public fileprivate(set) var connecting = DurationHistogram(bounds: handshakeBounds)
        /// From SYN,ACK to the ACK that ends the handshake, as servers had to wait.
        public fileprivate(set) var accepting = DurationHistogram(bounds: handshakeBounds)
        /// Changes that were inferred, and disproved since.
        public fileprivate(set) var withdrawn: UInt64 = 0

        /// Nothing.
        public init() {}

        /// Every kind of change that occurred, by number.
        public var changes: [(from: State, to: State, role: Role, grade: Grade, count: UInt64)] {
            var found: [(from: State, to: State, role: Role, grade: Grade, count: UInt64)] = []
            for from in State.allCases {
                for to in State.allCases {
                    for role in Role.allCases {
                        for grade in Grade.allCases {
                            let count = counts[Totals.index(from, to, role, grade)]
                            if count > 0 { found.append((from, to, role, grade, count)) }
                        }
                    }
                }
            }
            return found
        }

        /// How long ends in a role stayed in a state that they have left.
        public func duration(_ state: State, _ role: Role) -> DurationHistogram {
            durations[Totals.index(state, role)]
        }

        fileprivate static func index(
            _ from: State, _ to: State, _ role: Role, _ grade: Grade
        ) -> Int {
            (Int(from.rawValue) << 4 | Int(to.rawValue)) << 3 | Int(role.rawValue) << 2
                | Int(grade.rawValue)
        }

        fileprivate static func index(_ state: State, _ role: Role) -> Int {
            Int(state.rawValue) << 1 | Int(role.rawValue)
        }
    }

    /// The ends of a connection that is open: who opened it, and since when each is in its state.
    private struct Ends {
        let opener: Side
        var since: InlineArray<2, Timestamp> = [.unknown, .unknown]
    }

    /// What has been counted so far.
    public private(set) var totals = Totals()
    private var open = SerialTable<Ends>()

    private static let stayBounds: [TimeSpan] =
        [.milliseconds(100)] + [1, 5, 15, 60, 300, 900, 3600].map { .seconds($0) }
    private static let handshakeBounds: [TimeSpan] =
        [1, 5, 10, 25, 50, 100, 250, 500, 1000, 3000, 10_000].map { .milliseconds($0) }

    /// Begins with nothing.
    public init() {}

    /// A connection begins.
    public mutating func open(_ connection: borrowing @_addressable Connection) {
        open[connection.serial] = Ends(opener: connection.opener)
    }

    /// A connection is over and forgotten.
    public mutating func close(_ serial: UInt32) { open.remove(serial) }

    /// A change was found.
    public mutating func add(_ transition: Transition) {
        let side = transition.side
        let known = open.change(transition.connection) { ends in
            defer { ends.since[side.rawValue] = transition.seen }
            return (opener: ends.opener, since: ends.since[side.rawValue])
        }
        guard let known else { return }
        let role: Role = side == known.opener ? .client : .server
        totals.counts[Totals.index(transition.from, transition.to, role, transition.grade)] += 1
        if known.since != .unknown {
            let stay = transition.seen - known.since
            totals.durations[Totals.index(transition.from, role)].observe(stay)
            if transition.to == .established {
                if transition.from == .synSent { totals.connecting.observe(stay) }
                if transition.from == .synReceived { totals.accepting.observe(stay) }
            }
        }
    }

    /// A change that was noted has not happened.
    public mutating func withdraw() { totals.withdrawn += 1 }
}

extension Timestamp {
    fileprivate static let unknown = Timestamp(nanoseconds: .min)
}
