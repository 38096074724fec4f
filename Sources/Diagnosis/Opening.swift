internal import TCPState
internal import Wire

extension Examination {
    /// What is wrong with a handshake.
    var openingTrouble: Finding? { refused ?? unansweredSYN ?? unacknowledgedSYNACK }

    /// REFUSED: the SYN is answered by RST. The host is up and nothing listens there, or a filter
    /// answers in its place.
    private var refused: Finding? {
        guard client.hasSentSYN, !server.hasSentSYN, server.payload == 0, server.rstCount > 0,
            client.packets == UInt64(client.synCount)
        else { return nil }
        return Finding(
            .refused, end: .server, fault: .server, .notice, .proved, since: server.lastSent,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// SYN FILTERED: the same SYN twice or more, and nothing comes back; an ICMP message may say who
    /// drops it. A filter, a host that is not there, or a way back that is broken.
    private var unansweredSYN: Finding? {
        guard client.hasSentSYN, !server.hasSent, client.packets == UInt64(client.synCount) else {
            return nil
        }
        if let frame = notes?.unreachableFrame {
            return Finding(
                .synFiltered, .reported, end: .client, fault: .path, .warning, .proved,
                since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
                count: Int(client.synCount), frame: connection.firstFrame, laterFrame: frame)
        }
        let isRepeated = client.synCount > 1 && repeats(.client, since: connection.firstSeen)
        // A single one may be a scanner's; it counts for nothing else.
        guard isRepeated || now - connection.firstSeen >= 3_000_000_000 else { return nil }
        return Finding(
            .synFiltered, end: .client, fault: .path, .warning, .inferred, isSettled: isRepeated,
            since: connection.firstSeen, length: client.lastSent - connection.firstSeen,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// SYN-RECEIVED STUCK: the SYN,ACK is repeated and no acknowledgment of it comes. If the client
    /// repeats its SYN, the SYN,ACK does not reach it; if it is silent, it is gone or never was.
    ///
    /// ACCEPT QUEUE FULL, one connection of it: the acknowledgment has come, with data even, and the
    /// server goes on repeating its SYN,ACK: it holds no socket for the client yet. With SYN cookies it
    /// repeats nothing: see ``unansweredData``.
    private var unacknowledgedSYNACK: Finding? {
        guard server.hasSentSYN, server.packets == UInt64(server.synCount),
            connection.isOpenerKnown, !connection.anomalies.contains(.simultaneousOpen)
        else { return nil }
        guard server.synCount > 1, repeats(.server, since: server.controlSeen) else { return nil }
        if server.sendUnacknowledged > server.initialSendSequence {
            return Finding(
                .acceptQueueFull, client.payload > 0 || client.hasSentFIN ? .unread : .usual,
                end: .server, fault: .server, .warning, .inferred, since: connection.firstSeen,
                length: connection.lastSeen - connection.firstSeen, count: Int(server.synCount),
                frame: connection.firstFrame, laterFrame: connection.lastFrame)
        }
        let isAsking = client.synCount > 1
        return Finding(
            .synReceivedStuck, isAsking ? .returnPath : .silence, end: .server,
            fault: isAsking ? .path : .client, isAsking ? .warning : .notice, .inferred,
            since: server.controlSeen, length: server.lastSent - server.controlSeen,
            count: Int(server.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }

    /// SELF-CONNECT: source and destination are the same address and port. The client was given the
    /// port it called, and the service that belongs there can no longer bind it.
    var selfConnect: Finding? {
        guard connection.anomalies.contains(.selfConnect) else { return nil }
        return Finding(
            .selfConnect, end: .client, fault: .client, .warning, .proved,
            since: connection.firstSeen, frame: connection.firstFrame)
    }

    /// SIMULTANEOUS OPEN (benign): the SYNs cross, and each end answers with SYN,ACK. RFC 9293,
    /// figure 7.
    var simultaneousOpen: Finding? {
        guard connection.anomalies.contains(.simultaneousOpen), client.hasSentSYN,
            server.hasSentSYN
        else { return nil }
        return Finding(
            .simultaneousOpen, end: .client, fault: .nobody, .benign, .proved,
            since: connection.firstSeen, frame: connection.firstFrame)
    }
}
