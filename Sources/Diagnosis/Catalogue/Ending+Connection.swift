public import TCPState

extension Ending {
    /// The ending of a connection.
    public init(of connection: borrowing @_addressable Connection) {
        if connection.anomalies.contains(.selfConnect), connection.client.state == .timeWait {
            self = .closedByBoth
        } else if connection.client.isFINAcknowledged, connection.server.isFINAcknowledged {
            self = Ending.closed(connection)
        } else if let reset = connection.resetBy {
            self = Ending.reset(connection, by: connection.role(reset))
        } else if connection.client.hasSentFIN, connection.server.hasSentFIN, connection.isFinished
        {
            self = Ending.closed(connection)
        } else {
            self = Ending.withoutEnd(connection)
        }
    }

    private static func closed(_ connection: borrowing @_addressable Connection) -> Ending {
        if connection.anomalies.contains(.simultaneousClose) { return .closedByBoth }
        guard let closer = connection.firstCloser else { return .unknown }
        return connection.role(closer) == .client ? .closedByClient : .closedByServer
    }

    private static func reset(_ connection: borrowing @_addressable Connection, by role: Role)
        -> Ending
    {
        guard role == .server else { return .resetByClient }
        let server = connection.server
        let isRefusal =
            connection.client.hasSentSYN && server.synCount == 0 && server.payload == 0
            && server.finCount == 0
        return isRefusal ? .refused : .resetByServer
    }

    private static func withoutEnd(_ connection: borrowing @_addressable Connection) -> Ending {
        let client = connection.client
        let server = connection.server
        if client.hasSentSYN, !server.hasSent,
            client.packetsBesidesControl == 0
        {
            return .unanswered
        }
        if !client.hasSent || !server.hasSent { return .unknown }
        let states = (client.state, server.state)
        switch states {
        case (.synSent, _), (_, .synSent), (.synReceived, _), (_, .synReceived):
            return .unanswered
        case (.finWait1, _), (_, .finWait1), (.closing, _), (_, .closing), (.lastAck, _),
            (_, .lastAck):
            return .closing
        case (.finWait2, _), (_, .finWait2), (.closeWait, _), (_, .closeWait): return .halfClosed
        case (.established, .established): return .open
        case (.unknown, _), (_, .unknown): return .unknown
        default: break
        }
        // A handshake that was given up: nothing but SYN and SYN,ACK.
        let hasUse = client.payload + server.payload > 0 || client.hasSentFIN || server.hasSentFIN
        if client.hasSentSYNsOnly, !hasUse { return .unanswered }
        return .timedOut
    }
}
