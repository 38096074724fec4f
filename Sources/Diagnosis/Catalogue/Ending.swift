/// How a connection ended, as far as the capture shows.
public enum Ending: UInt8, Sendable, CaseIterable {
    /// Both ends sent FIN; the client first.
    case closedByClient
    /// Both ends sent FIN; the server first.
    case closedByServer
    /// Both ends sent FIN before either saw the other's.
    case closedByBoth
    /// The client sent a RST that counts.
    case resetByClient
    /// The server sent a RST that counts.
    case resetByServer
    /// The server answered the SYN with RST.
    case refused
    /// The handshake was never completed.
    case unanswered
    /// An end gave up or was replaced; no packet shows it.
    case timedOut
    /// Not at all: still established.
    case open
    /// Not yet: one end has closed, the other has not.
    case halfClosed
    /// Not yet: a FIN is not acknowledged.
    case closing
    /// The capture shows too little: it begins late, or has one direction only.
    case unknown

    /// What ended it: the stable name in JSON.
    public var cause: String {
        switch self {
        case .closedByClient, .closedByServer, .closedByBoth: "graceful"
        case .resetByClient, .resetByServer: "reset"
        case .refused: "refused"
        case .unanswered: "unanswered"
        case .timedOut: "timed_out"
        case .open: "open"
        case .halfClosed: "half_closed"
        case .closing: "closing"
        case .unknown: "unknown"
        }
    }

    /// Who ended it: `client`, `server`, `both`, or nil.
    public var closer: String? {
        switch self {
        case .closedByClient, .resetByClient: "client"
        case .closedByServer, .resetByServer, .refused: "server"
        case .closedByBoth: "both"
        case .unanswered, .timedOut, .open, .halfClosed, .closing, .unknown: nil
        }
    }

    /// The same in words, at most 16 characters.
    public var words: String {
        switch self {
        case .closedByClient: "closed by client"
        case .closedByServer: "closed by server"
        case .closedByBoth: "closed by both"
        case .resetByClient: "reset by client"
        case .resetByServer: "reset by server"
        case .refused: "refused"
        case .unanswered: "unanswered"
        case .timedOut: "timed out"
        case .open: "still open"
        case .halfClosed: "half-closed"
        case .closing: "closing"
        case .unknown: "unknown"
        }
    }
}
