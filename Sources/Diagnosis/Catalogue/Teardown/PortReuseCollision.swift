internal import TCPState
internal import Wire

/// The words of `port-reuse-collision`.
enum PortReuseCollision: CatalogueEntry {
    static let name = "port-reuse-collision"
    static let doubts: Set<CaptureFlaw.Kind> = [.taggedCopies, .sameEnds, .translated]
    static let summary = "a port was reused while the server still held the old connection"
    static let definition =
        "A SYN reuses addresses and ports whose earlier connection the server still holds in a state"
        + " that a SYN does not end (RFC 9293, section 3.10.7.4). The server answers with a challenge"
        + " ACK or not at all; the new connection opens only after a RST, or never."

    static func title(_ words: Words) -> String {
        "a port was reused while the server still held the old connection"
    }

    static func sentence(_ words: Words) -> String {
        if words.form == .unseen {
            return
                "The server answers the SYN with an ACK of other numbers (a challenge ACK, RFC 5961, section 4),"
                + " and the client, which does not know them, sends a RST: the server still holds a socket for these"
                + " addresses and ports, of a connection from before the capture."
        }
        let holder =
            words.form == .leaked ? " in CLOSE_WAIT, because its application has not closed it" : ""
        return
            "The client's SYN reaches a socket that the server still holds\(holder). The server does not"
            + " answer with SYN-ACK until the old socket is gone."
    }

    static let rivals: [Rival] = [
        Rival(
            .copy, where: { $0.form != .unseen },
            ofConnection: { examiner, _ in
                examiner.rareFacts?.supersededPeerState == nil ? nil : .newNumber
            },
            doubt: { _ in "a copy of the earlier SYN" }),
        Rival(
            .oneDirection, ofCapture: { $0.facts.hasDisorder ? nil : .continuous },
            doubt: { _ in
                "frames are out of order in the file: sort it by `reordercap in.pcap out.pcap`"
            }),
    ]

    static func remedy(_ words: Words) -> [String] {
        words.form == .leaked
            ? [
                "on the server, `ss -tnp state close-wait \(words.ss(.server))` names the process that"
                    + " does not close"
            ]
            : [
                "make \(words.other) wait longer before it reuses a port: a NAT hold time above 60 s, or a"
                    + " larger port pool",
                "on the server, `ss -tn \(words.ss(.server)) dst \(words.other)` lists the old sockets",
            ]
    }
}

extension ConnectionExaminer {
    /// PORT REUSE COLLISION: a SYN on addresses and ports whose earlier connection the other end still
    /// holds, in a state that a SYN does not end (RFC 9293, section 3.10.7.4, fourth). The answer is a
    /// challenge ACK, or nothing; only after a RST, or never, the new connection opens. Whoever chose
    /// the port did so too early: a client that restarted, a NAT, a proxy. If the old socket is in
    /// CLOSE-WAIT, the program that does not close it is at fault.
    ///
    /// Not in TIME-WAIT, which a SYN may end, and not where the first SYN is answered by SYN,ACK.
    var portReuseCollision: Finding? {
        if isChallenged {
            return Finding(
                .portReuseCollision, .unseen, end: .client, fault: .client, .warning, .inferred,
                since: connection.firstSeen,
                length: (server.hasSentSYN ? server.lastSent : now) - connection.firstSeen,
                count: Int(client.synCount), frame: connection.firstFrame)
        }
        guard let peerState = rareFacts?.supersededPeerState, peerState.refusesSYN,
            !server.hasSentSYN || client.synCount > 1
        else { return nil }
        let isLeak = peerState == .closeWait
        return Finding(
            .portReuseCollision, isLeak ? .leaked : .usual, end: .client,
            fault: isLeak ? .server : .client, .warning, .proved, since: connection.firstSeen,
            length: (server.hasSentSYN ? server.lastSent : now) - connection.firstSeen,
            count: Int(client.synCount), frame: connection.firstFrame)
    }
}

extension ConnectionExaminer {
    /// Whether the SYN was answered by an ACK of something else, which the client then reset: RFC 9293, section
    /// 3.10.7.4, first, by the old socket, and 3.10.7.3, first, by the new one.
    private var isChallenged: Bool {
        let answer = server.first
        guard client.hasSentSYN, client.first.flags.isDisjoint(with: [.ack, .fin]),
            client.first.flags.contains(.syn), client.rstCount > 0,
            answer.flags.contains(.ack), answer.flags.isDisjoint(with: [.syn, .fin, .rst])
        else { return false }
        let acknowledged = answer.acknowledgmentNumber
        return acknowledged != client.initialSendSequence
            && !(acknowledged > client.initialSendSequence && acknowledged <= client.sendNext)
    }
}

extension State {
    /// Whether a new SYN does not end it.
    fileprivate var refusesSYN: Bool {
        switch self {
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: true
        case .unknown, .closed, .listen, .synSent, .synReceived, .timeWait: false
        }
    }
}
