public import TCPState
public import Wire

/// One socket at one instant, as netstat and ss show it.
public struct SocketRow: Sendable {
    /// Which end of the connection it is.
    public let side: Side
    /// The connection.
    public let record: ConnectionRecord
    /// Its state at the instant.
    public let state: State
    /// How sure that is.
    public let grade: Grade
    /// When it entered the state.
    public let since: Timestamp
    /// Bytes that it had sent and its peer had not acknowledged, as the wire tells.
    public let sendQueue: UInt32

    /// Joins the parts.
    public init(
        side: Side, record: ConnectionRecord, state: State, grade: Grade, since: Timestamp,
        sendQueue: UInt32
    ) {
        self.side = side
        self.record = record
        self.state = state
        self.grade = grade
        self.since = since
        // A request that waits for its third segment and a TIME-WAIT have no queue in the kernel.
        self.sendQueue = state == .synReceived || state == .timeWait ? 0 : sendQueue
    }

    /// The timer that the state tells to run, and how long it runs on by a profile: of
    /// TIME-WAIT, and of an orphan in FIN-WAIT-2. Retransmission's (`on`) is known to run while
    /// something waits for an acknowledgment, but not for how long; a keepalive's only by its probes.
    func timer(at time: Timestamp, _ profile: StackProfile) -> (name: String, left: TimeSpan?) {
        let end = record.connection[side]
        switch state {
        case .timeWait where profile.timeWait != .max:
            return ("timewait", max(0, since + profile.timeWait - time))
        case .finWait2 where profile.finWait2 != .max && !end.seen.contains(.receivesAfterFIN):
            return ("timewait", max(0, since + profile.finWait2 - time))
        default: return sendQueue > 0 ? ("on", nil) : ("off", 0)
        }
    }

    /// Whether a socket table has a row for the state: a closed socket is none, a listening one has
    /// no peer, and an unknown one may be either.
    public static func shows(_ state: State) -> Bool {
        switch state {
        case .unknown, .closed, .listen: false
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait:
            true
        }
    }
}
