public import TCPState

extension Ending {
    /// The ending of a connection.
    public init(of connection: Connection) {
        let client = connection.client
        let server = connection.server
        if connection.anomalies.contains(.selfConnect), client.state == .timeWait {
            self = .closedByBoth
        } else if client.isFINAcknowledged, server.isFINAcknowledged {
            self = Ending.closed(connection)
        } else if let reset = connection.resetBy {
            self = Ending.reset(connection, by: connection.role(reset))
        } else if client.hasSentFIN, server.hasSentFIN, connection.isOver {
            self = Ending.closed(connection)
        } else {
            self = Ending.withoutEnd(connection)
        }
    }

    private static func closed(_ connection: Connection) -> Ending {
        if connection.anomalies.contains(.simultaneousClose) { return .closedByBoth }
        guard let closer = connection.firstCloser else { return .unknown }
        return connection.role(closer) == .client ? .closedByClient : .closedByServer
    }

    private static func reset(_ connection: Connection, by role: Role) -> Ending {
        guard role == .server else { return .resetByClient }
        let server = connection.server
        let isRefusal =
            connection.client.hasSentSYN && server.synCount == 0 && server.payload == 0
            && server.finCount == 0
        return isRefusal ? .refused : .resetByServer
    }

    private static func withoutEnd(_ connection: Connection) -> Ending {
        let client = connection.client
        let server = connection.server
        let states = [client.state, server.state]
        func either(_ wanted: State...) -> Bool { states.contains(where: wanted.contains) }
        if client.hasSentSYN, !server.hasSent { return .unanswered }
        if !client.hasSent || !server.hasSent { return .unknown }
        if either(.synSent, .synReceived) { return .unanswered }
        if either(.finWait1, .closing, .lastAck) { return .closing }
        if either(.finWait2, .closeWait) { return .halfClosed }
        if states == [.established, .established] { return .open }
        if either(.unknown) { return .unknown }
        // A handshake that was given up: nothing but SYN and SYN,ACK.
        let hasUse = client.payload + server.payload > 0 || client.hasSentFIN || server.hasSentFIN
        if client.packets == UInt64(client.synCount), !hasUse { return .unanswered }
        return .timedOut
    }
}
