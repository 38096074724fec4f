public import TCPState
public import Wire

extension WaitState {
    /// The situation of a connection at a moment of the packet clock, which is not before its last
    /// segment; nil if it is open and well, or over. TIME-WAIT is over.
    public init?(
        of connection: borrowing @_addressable Connection, at time: Timestamp,
        _ thresholds: Thresholds = .standard
    ) {
        let client = connection.client.state
        let server = connection.server.state
        guard !(client.isDone && server.isDone) else { return nil }
        if let role = WaitState.role(in: connection, where: { $0.awaitsACKofFIN }) {
            // Of an end that was never seen to send nobody can say that it does not answer.
            let repeats = connection[role].unansweredRetransmissions
            guard
                connection[role.peer].hasSent
                    || repeats >= UInt16(clamping: thresholds[.retransmissions])
            else {
                return nil
            }
            self = .closing(role)
        } else if let role = WaitState.role(in: connection, where: { $0.isOpening }) {
            // Where both are, the server has answered last.
            self = .opening(server.isOpening ? .server : role)
        } else if let open = WaitState.openEnd(of: connection) {
            let isWorking = WaitState.works(connection, open: open, at: time, thresholds)
            self = isWorking ? .workingHalfClose(by: open.peer) : .halfClosed(by: open.peer)
        } else if let gone = WaitState.role(in: connection, where: { $0.isGone }) {
            guard connection[gone.peer].hasSent else { return nil }
            self = .halfOpen(remaining: gone.peer)
        } else {
            self.init(stallOf: connection, at: time, thresholds)
        }
    }

    /// The stall of a connection whose ends are both established, as far as known.
    private init?(
        stallOf connection: borrowing @_addressable Connection, at time: Timestamp,
        _ thresholds: Thresholds
    ) {
        func role(_ holds: (Endpoint) -> Bool) -> Role? {
            Role.allCases.first { holds(connection[$0]) }
        }
        if let receiver = role({
            $0.seen.contains(.zeroWindow) && time - $0.zeroWindowSince >= thresholds[.zeroWindow]
        }) {
            self = .zeroWindow(at: receiver)
        } else if let sender = role({
            $0.unansweredRetransmissions >= UInt16(clamping: thresholds[.retransmissions])
                && $0.unacknowledgedBytes > 0
        }) {
            self = .unansweredData(from: sender)
        } else if let prober = role({
            $0.unansweredKeepalives >= UInt16(clamping: thresholds[.keepalives])
        }) {
            self = .unansweredKeepalives(from: prober)
        } else {
            return nil
        }
    }

    private static func role(
        in connection: borrowing @_addressable Connection, where holds: (State) -> Bool
    ) -> Role? {
        holds(connection.client.state) ? .client : holds(connection.server.state) ? .server : nil
    }

    /// The end that owes its FIN: in CLOSE-WAIT, or the peer of one in FIN-WAIT-2. An end in
    /// CLOSE-WAIT whose peer was reset is half-open, not half-closed.
    private static func openEnd(of connection: borrowing @_addressable Connection) -> Role? {
        func isOpen(_ state: State, _ peer: State, _ grade: Grade) -> Bool {
            switch (state, peer) {
            case (.closeWait, .closed): return grade == .assumed
            case (.closeWait, _): return true
            case (.closed, .finWait2), (.timeWait, .finWait2): return false
            case (_, .finWait2): return true
            default: return false
            }
        }
        let client = connection.client.state
        let server = connection.server.state
        if isOpen(client, server, connection.server.grade) { return .client }
        return isOpen(server, client, connection.client.grade) ? .server : nil
    }

    /// Whether the open direction of a half-closed connection still carries data: lately, and not
    /// only in the first half of the time since the other end's FIN.
    private static func works(
        _ connection: borrowing @_addressable Connection, open: Role, at time: Timestamp,
        _ thresholds: Thresholds
    ) -> Bool {
        let end = connection[open]
        let quiet = time - end.lastNew
        return end.seen.contains(.sendsAfterPeerFIN) && quiet < thresholds[.quietHalfClose]
            && quiet < (time - end.since) / 2
    }
}

extension State {
    /// Nothing more is expected of it: over, or never seen.
    fileprivate var isDone: Bool {
        switch self {
        case .unknown, .closed, .listen, .timeWait: true
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck:
            false
        }
    }

    fileprivate var isOpening: Bool { self == .synSent || self == .synReceived }

    fileprivate var awaitsACKofFIN: Bool {
        self == .finWait1 || self == .closing || self == .lastAck
    }
}

extension State {
    /// Its end is done, or as good as.
    var isGone: Bool { self == .closed || self == .timeWait }
}
