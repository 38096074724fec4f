public import TCPState
public import Wire

/// Since when the ends of a connection are in their states, as a run has seen it.
public struct StateStays: Sendable {
    /// A stay of an end in a state.
    public struct Stay: Sendable {
        /// The end's role.
        public let role: Role
        /// How long it was; nil where nobody has seen it begin.
        public let duration: TimeSpan?
    }

    private let opener: Side
    private var since: InlineArray<2, Timestamp> = [.unknown, .unknown]

    /// Of a connection that begins.
    public init(opener: Side) { self.opener = opener }

    /// An end leaves its state, and is in another one from now on. Complexity: O(1).
    public mutating func change(_ transition: Transition) -> Stay {
        let side = transition.side
        let began = since[side.rawValue]
        since[side.rawValue] = transition.seen
        return Stay(
            role: side == opener ? .client : .server,
            duration: began == .unknown ? nil : transition.seen - began)
    }
}

extension Timestamp {
    fileprivate static let unknown = Timestamp(nanoseconds: .min)
}
