public import TCPState

/// What keeps a connection from being either open and well, or over.
public enum WaitState: Hashable, Sendable {
    /// One end has sent its FIN and the other, which received it, has not sent its own.
    case halfClosed(by: Role)
    /// One end is closed and the other does not know.
    case halfOpen(remaining: Role)
    /// Both ends are established; what this one sends again and again is not acknowledged.
    case unansweredData(from: Role)
    /// Both ends are established; this one keeps its window closed, so its peer must not send.
    case zeroWindow(at: Role)
    /// Both ends are established; this one's keepalive probes are not answered.
    case unansweredKeepalives(from: Role)
    /// This end's FIN is not acknowledged: FIN-WAIT-1, CLOSING or LAST-ACK.
    case closing(Role)
    /// The handshake is not complete; this end has sent what is not answered.
    case opening(Role)
    /// Half-closed on purpose: one end has sent its FIN, the other goes on sending. Nothing wrong.
    case workingHalfClose(by: Role)

    /// The stable name in JSON.
    public var name: String {
        switch self {
        case .halfClosed: "half_closed"
        case .halfOpen: "half_open"
        case .unansweredData: "unanswered_data"
        case .zeroWindow: "zero_window"
        case .unansweredKeepalives: "unanswered_keepalives"
        case .closing: "closing"
        case .opening: "opening"
        case .workingHalfClose: "half_close_working"
        }
    }

    /// The end that the other one waits for; nil where nobody is late.
    public var waitsFor: Role? {
        switch self {
        case .halfClosed(let closer): closer.peer
        case .halfOpen(let remaining): remaining
        case .unansweredData(let sender): sender.peer
        case .zeroWindow(let receiver): receiver
        case .unansweredKeepalives(let prober): prober.peer
        case .closing(let sender): sender.peer
        case .opening(let sender): sender.peer
        case .workingHalfClose: nil
        }
    }
}
