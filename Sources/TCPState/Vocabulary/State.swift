/// A connection state of RFC 9293, section 3.3.2, and `unknown` for an endpoint about which the
/// capture says nothing yet.
public enum State: UInt8, CaseIterable, Hashable, Sendable {
    /// Nothing is known: the capture began in mid-connection, or shows one direction only.
    case unknown
    /// No connection.
    case closed
    /// Waiting for a request from any remote peer.
    case listen
    /// A connection request was sent and not yet answered.
    case synSent
    /// A connection request was received and answered, the answer is not yet acknowledged.
    case synReceived
    /// Data flows in both directions.
    case established
    /// A FIN was sent and is not yet acknowledged.
    case finWait1
    /// The FIN is acknowledged, the peer's FIN has not come.
    case finWait2
    /// The peer's FIN was received, the own program has not closed yet.
    case closeWait
    /// Both FINs crossed, the own one is not yet acknowledged.
    case closing
    /// The peer's FIN was received and the own FIN sent, which is not yet acknowledged.
    case lastAck
    /// Both FINs are sent and acknowledged; old segments are given time to die out.
    case timeWait
}

extension State {
    /// Whether the two sides have exchanged sequence numbers: ESTABLISHED and all states after it.
    /// RFC 9293, section 3.5.2 calls these the synchronized states.
    @inlinable
    public var isSynchronized: Bool { rawValue >= State.established.rawValue }

    /// Whether this endpoint has sent its FIN.
    @inlinable
    public var hasSentFIN: Bool {
        switch self {
        case .finWait1, .finWait2, .closing, .lastAck, .timeWait: true
        case .unknown, .closed, .listen, .synSent, .synReceived, .established, .closeWait: false
        }
    }

    /// Whether this endpoint has received its peer's FIN.
    @inlinable
    public var hasReceivedFIN: Bool {
        switch self {
        case .closeWait, .closing, .lastAck, .timeWait: true
        case .unknown, .closed, .listen, .synSent, .synReceived, .established, .finWait1,
            .finWait2:
            false
        }
    }
}
