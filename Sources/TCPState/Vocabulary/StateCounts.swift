/// How many endpoints are in each state.
public struct StateCounts: Hashable, Sendable {
    @usableFromInline var counts = [UInt64](repeating: 0, count: State.allCases.count)

    /// None.
    public init() {}

    /// The number in a state.
    @inlinable
    public subscript(state: State) -> UInt64 {
        get { counts[Int(state.rawValue)] }
        _modify { yield &counts[Int(state.rawValue)] }
    }

    /// The states that occur, in the order of a connection's life, with their numbers.
    public var present: [(state: State, count: UInt64)] {
        StateCounts.order.filter { self[$0] > 0 }.map { ($0, self[$0]) }
    }

    /// Both together.
    public static func + (a: StateCounts, b: StateCounts) -> StateCounts {
        var sum = a
        for state in State.allCases { sum[state] += b[state] }
        return sum
    }

    private static let order: [State] = [
        .listen, .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
        .lastAck, .timeWait, .closed, .unknown,
    ]
}
