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
                "The capture says nothing about this end yet. It is no state of TCP's.",
                "A capture that begins late, or shows one direction only.",
                "With the first segment that this end sends.",
                "Its segments take another way, or it never answered.",
                "None. Capture on the other host, too.",
            ]
        case .closed:
            [
                "There is no connection.",
                "The last ACK after a close (3.10.7.4, fifth), a RST sent or accepted (3.10.5,"
                    + " 3.10.7.4, second), or a timer (3.10.8).",
                "By a new SYN: SYN-SENT (3.10.1).",
                "Nothing: it holds nothing.",
                "None.",
            ]
        case .listen:
            [
                "A program waits for connections.",
                "listen(), a passive OPEN (3.10.1).",
                "By a SYN, for the connection that it begins: SYN-RECEIVED (3.10.7.2, third).",
                "The program, for as long as it wants to serve.",
                "net.core.somaxconn and the backlog of listen() bound its queue.",
            ]
        case .synSent:
            [
                "This side has asked for a connection and has no answer.",
                "connect(), an active OPEN (3.10.1).",
                "SYN and ACK from the peer: ESTABLISHED; a bare SYN: SYN-RECEIVED (3.10.7.3,"
                    + " fourth); a RST: CLOSED (3.10.7.3, second).",
                "A firewall that drops the SYN or its answer, a host that is away, a full queue.",
                "net.ipv4.tcp_syn_retries says when it gives up. tcp_fin_timeout does not matter.",
            ]
        case .synReceived:
            [
                "This side has answered a SYN and waits for the third segment.",
                "A SYN in LISTEN (3.10.7.2, third) or in SYN-SENT (3.10.7.3, fourth).",
                "The ACK of its SYN: ESTABLISHED (3.10.7.4, fifth); a RST: CLOSED.",
                "Answers that do not reach the client, a flood, an accept queue that is full.",
                "net.ipv4.tcp_synack_retries; tcp_max_syn_backlog and tcp_syncookies in a flood.",
            ]
        case .established:
            [
                "Both sides may send.",
                "The handshake's end (3.10.7.3, fourth; 3.10.7.4, fifth).",
                "close() here: FIN-WAIT-1 (3.10.4); the peer's FIN: CLOSE-WAIT (3.10.7.4, eighth).",
                "The programs. An idle one is no fault; a dead peer is not noticed without traffic.",
                "tcp_keepalive_time, where the program asks for keepalives; tcp_retries2 for data"
                    + " that nobody acknowledges.",
            ]
        case .finWait1:
            [
                "This side has closed; its FIN is not acknowledged.",
                "close() or shutdown() in ESTABLISHED or SYN-RECEIVED (3.10.4).",
                "The ACK of the FIN: FIN-WAIT-2 (3.10.7.4, fifth); the peer's FIN: CLOSING"
                    + " (3.10.7.4, eighth).",
                "A peer that is gone, or whose window is zero, with data queued before the FIN.",
                "net.ipv4.tcp_orphan_retries. tcp_fin_timeout does not matter here.",
            ]
        case .finWait2:
            [
                "This side has closed, the peer knows it and has not closed.",
                "The ACK of the FIN in FIN-WAIT-1 (3.10.7.4, fifth).",
                "The peer's FIN: TIME-WAIT (3.10.7.4, eighth).",
                "The peer's program: the other end is in CLOSE-WAIT and owes a close(). A download"
                    + " after a half-close is no fault.",
                "net.ipv4.tcp_fin_timeout ends it where no program holds the socket any more;"
                    + " after shutdown() alone it does not.",
            ]
        case .closeWait:
            [
                "The peer has closed; the program on this side has not.",
                "The peer's FIN in ESTABLISHED or SYN-RECEIVED (3.10.7.4, eighth).",
                "close() on this side: LAST-ACK (3.10.4).",
                "The program on this side: it has not read the end of file, or not closed the"
                    + " descriptor. It stays for as long as the process lives.",
                "None ends it. tcp_fin_timeout and tcp_tw_reuse do not matter; keepalives end it"
                    + " only once the peer has forgotten the connection.",
            ]
        case .closing:
            [
                "Both sides have closed at once; this side's FIN is not acknowledged.",
                "The peer's FIN in FIN-WAIT-1 (3.10.7.4, eighth).",
                "The ACK of the FIN: TIME-WAIT (3.10.7.4, fifth).",
                "That ACK being lost, or a peer that is gone.",
                "net.ipv4.tcp_orphan_retries.",
            ]
        case .lastAck:
            [
                "Both sides have closed, this one last; its FIN is not acknowledged.",
                "close() in CLOSE-WAIT (3.10.4).",
                "The ACK of the FIN: CLOSED (3.10.7.4, fifth).",
                "A peer that is gone, or a firewall that has forgotten the connection.",
                "net.ipv4.tcp_orphan_retries. tcp_fin_timeout does not matter.",
            ]
        case .timeWait:
            [
                "This side closed first; all is done. It waits until old segments have died out.",
                "The peer's FIN in FIN-WAIT-2 (3.10.7.4, eighth), the ACK of the FIN in CLOSING"
                    + " (3.10.7.4, fifth).",
                "By its timer, 60 s on Linux, or a new SYN (3.6.1).",
                "Nothing is wrong. Many of them on a client use up its ports.",
                "The length is fixed on Linux: tcp_fin_timeout does not change it. tcp_tw_reuse"
                    + " lets connect() take such a port; keeping connections open avoids it.",
            ]
        }
    }
}

/// The guide to a state for people, 80 columns wide.
public struct TextStateGuide: Format {
    /// Makes one.
    public init() {}

    /// Writes the guide and the commands to run next.
    public mutating func write(_ guide: StateGuide, to sink: inout some Sink & ~Copyable) {
        let name = guide.state.name(.rfc)
        sink.write("\(name): netstat \(guide.state.name()), ss \(guide.state.name(.ss))\n")
        let parts = [
            ("On this side", guide.meaning), ("Entered by", guide.entered),
            ("Left by", guide.left), ("What keeps it", guide.kept), ("Settings", guide.settings),
        ]
        for (title, text) in parts {
            sink.write("\n\(title)\n")
            for line in wrapped(text, indent: 2) { sink.write(line + "\n") }
        }
        sink.write("\nNext\n")
        switch guide.state {
        case .unknown, .closed: break
        case .listen: sink.write("  ss -ltnp\n")
        case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait:
            let filter = guide.state == .established ? "established" : name.lowercased()
            let word = guide.state == .synReceived ? "syn-recv" : filter
            sink.write("  ss -tanpo state \(word)\n")
        }
        sink.write("  wirestate transitions FILE | grep \(guide.state.name())\n")
    }
}
