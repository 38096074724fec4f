public import TCPState
public import Wire

/// One state change of one endpoint, with the connection it belongs to.
public struct TransitionRow: Sendable {
    /// The change.
    public let transition: Transition
    /// Best estimate of when.
    public let time: Timestamp
    /// How long it was in the state that ended; nil where its beginning is unknown.
    public let timeInState: TimeSpan?
    /// The connection.
    public let record: ConnectionRecord

    /// Joins the parts.
    public init(
        transition: Transition, time: Timestamp, timeInState: TimeSpan?, record: ConnectionRecord
    ) {
        self.transition = transition
        self.time = time
        self.timeInState = timeInState
        self.record = record
    }
}
