public import TCPState

/// What a state means to who runs the host that is in it.
public struct StateGuide: Sendable {
    /// The state.
    public let state: State
    /// What it means on this side.
    let meaning: String
    /// How it is entered, with the section of RFC 9293.
    let entered: String
    /// How it is left.
    let left: String
    /// What keeps it.
    let kept: String
    /// Which setting matters, and which does not.
    let settings: String

    /// The state of a name in any spelling; nil for a name that no state has.
    public static func state(named name: String) -> State? {
        let wanted = plain(name)
        return State.allCases.first { state in
            StateSpelling.allCases.contains { plain(state.name($0)) == wanted }
        }
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// The guide to a state.
    public init(_ state: State) {
        self.state = state
        let texts = StateGuide.texts(state)
        meaning = texts[0]
        entered = texts[1]
        left = texts[2]
        kept = texts[3]
        settings = texts[4]
    }

    private static func texts(_ state: State) -> [String] {
        switch state {
        case .unknown:
            [
                "The capture says nothing about this end yet. This is not a TCP state.",
                "A capture that begins late, or shows one direction only.",
                "The first segment that this end sends.",
                "Its segments take a path that was not captured, or it never answered.",
                "None. Capture on the other host too.",
            ]
        case .closed:
            [
                "There is no connection.",
                "The final ACK after a close (3.10.7.4, fifth), a RST sent or accepted (3.10.5,"
                    + " 3.10.7.4, second), or a timer (3.10.8).",
                "A new SYN: SYN-SENT (3.10.1).",
                "Nothing: no resources are held.",
                "None.",
            ]
        case .listen:
            [
                "An application waits for connections.",
                "listen(), a passive OPEN (3.10.1).",
                "A SYN, for the connection that it opens: SYN-RECEIVED (3.10.7.2, third).",
                "The application, for as long as it serves.",
                "net.core.somaxconn and the listen() backlog limit its accept queue.",
            ]
        case .synSent:
            [
                "This side sent a SYN and has no answer.",
                "connect(), an active OPEN (3.10.1).",
                "SYN and ACK from the peer: ESTABLISHED; a bare SYN: SYN-RECEIVED (3.10.7.3,"
                    + " fourth); a RST: CLOSED (3.10.7.3, second).",
                "A firewall that drops the SYN or its answer, a host that is down, a full queue.",
                "net.ipv4.tcp_syn_retries decides when it gives up. tcp_fin_timeout has no effect.",
            ]
        case .synReceived:
            [
                "This side answered a SYN with SYN-ACK and waits for the final ACK of the handshake.",
                "A SYN in LISTEN (3.10.7.2, third) or in SYN-SENT (3.10.7.3, fourth).",
                "The ACK of its SYN: ESTABLISHED (3.10.7.4, fifth); a RST: CLOSED.",
                "SYN-ACKs that do not reach the client, a SYN flood, a full accept queue.",
                "net.ipv4.tcp_synack_retries; in a SYN flood, tcp_max_syn_backlog and tcp_syncookies.",
            ]
        case .established:
            [
                "The connection is open: both sides may send.",
                "The end of the handshake (3.10.7.3, fourth; 3.10.7.4, fifth).",
                "close() here: FIN-WAIT-1 (3.10.4); the peer's FIN: CLOSE-WAIT (3.10.7.4, eighth).",
                "The applications. An idle connection is normal; without traffic, a dead peer is not noticed.",
                "tcp_keepalive_time, if the application sets SO_KEEPALIVE; tcp_retries2 for data"
                    + " that is not acknowledged.",
            ]
        case .finWait1:
            [
                "This side closed; its FIN is not acknowledged yet.",
                "close() or shutdown() in ESTABLISHED or SYN-RECEIVED (3.10.4).",
                "The ACK of the FIN: FIN-WAIT-2 (3.10.7.4, fifth); the peer's FIN: CLOSING"
                    + " (3.10.7.4, eighth).",
                "A peer that is down or unreachable, or whose window is zero while data is queued before the FIN.",
                "net.ipv4.tcp_orphan_retries. tcp_fin_timeout has no effect here.",
            ]
        case .finWait2:
            [
                "This side closed and the peer acknowledged it, but the peer has not closed.",
                "The ACK of the FIN in FIN-WAIT-1 (3.10.7.4, fifth).",
                "The peer's FIN: TIME-WAIT (3.10.7.4, eighth).",
                "The peer's application: the peer is in CLOSE-WAIT until it calls close(). A download"
                    + " after a half-close is normal.",
                "net.ipv4.tcp_fin_timeout ends it once no application holds the socket; after"
                    + " shutdown() alone it does not.",
            ]
        case .closeWait:
            [
                "The peer closed; the application on this side has not.",
                "The peer's FIN in ESTABLISHED or SYN-RECEIVED (3.10.7.4, eighth).",
                "close() on this side: LAST-ACK (3.10.4).",
                "The application on this side: it has not read the end of file, or has not closed the"
                    + " descriptor. The state lasts as long as the process.",
                "No setting ends it. tcp_fin_timeout and tcp_tw_reuse have no effect; keepalives end it"
                    + " only after the peer has dropped the connection.",
            ]
        case .closing:
            [
                "Both sides closed at the same time; this side's FIN is not acknowledged yet.",
                "The peer's FIN in FIN-WAIT-1 (3.10.7.4, eighth).",
                "The ACK of the FIN: TIME-WAIT (3.10.7.4, fifth).",
                "The loss of that ACK, or a peer that is down or unreachable.",
                "net.ipv4.tcp_orphan_retries.",
            ]
        case .lastAck:
            [
                "Both sides closed, this side last; its FIN is not acknowledged yet.",
                "close() in CLOSE-WAIT (3.10.4).",
                "The ACK of the FIN: CLOSED (3.10.7.4, fifth).",
                "A peer that is down or unreachable, or a firewall that dropped its state.",
                "net.ipv4.tcp_orphan_retries. tcp_fin_timeout has no effect.",
            ]
        case .timeWait:
            [
                "Both sides closed, this side first. It waits until old segments have left the network.",
                "The peer's FIN in FIN-WAIT-2 (3.10.7.4, eighth), the ACK of the FIN in CLOSING"
                    + " (3.10.7.4, fifth).",
                "Its timer, 60 s on Linux, or a new SYN (3.6.1).",
                "Nothing is wrong. Many of them on a client can exhaust its ports.",
                "The duration is fixed on Linux: tcp_fin_timeout does not change it. tcp_tw_reuse"
                    + " lets connect() reuse such a port; keeping connections open avoids the state.",
            ]
        }
    }
}

/// The guide to a state for people.
public struct TextStateGuide: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes the guide and the commands to run next.
    public mutating func write(_ guide: StateGuide, to sink: inout some Sink & ~Copyable) {
        let name = guide.state.name(.rfc)
        sink.write("\(name): netstat \(guide.state.name()), ss \(guide.state.name(.ss))\n")
        let parts = [
            ("Meaning on this side", guide.meaning), ("Entered by (RFC 9293)", guide.entered),
            ("Left by (RFC 9293)", guide.left), ("What keeps it there", guide.kept),
            ("Settings", guide.settings),
        ]
        for (title, text) in parts {
            sink.write("\n\(title)\n")
            for line in layout.wrapped(text, indent: 2) { sink.write(line + "\n") }
        }
        sink.write("\nNext steps\n")
        switch guide.state {
        case .unknown, .closed: break
        case .listen: sink.write("  ss -ltnp\n")
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait:
            let filter = guide.state == .established ? "established" : name.lowercased()
            let word = guide.state == .synReceived ? "syn-recv" : filter
            sink.write("  ss -tanpo state \(word)\n")
        }
        sink.write("  wirestate transitions FILE | grep -w \(guide.state.name())\n")
    }
}
