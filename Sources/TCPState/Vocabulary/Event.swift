/// What can move an endpoint from state to state, once sequence numbers have shown it to be valid.
///
/// "Sent" and "received" are the endpoint's own: a FIN that its peer sent is `receivedFIN` here.
public enum Event: UInt8, CaseIterable, Hashable, Sendable {
    /// It sent a SYN without ACK: an active open.
    case sentSYN
    /// It sent SYN and ACK: it has received a SYN.
    case sentSYNACK
    /// A SYN without ACK reached it.
    case receivedSYN
    /// SYN and ACK of its own SYN reached it.
    case receivedSYNACK
    /// An acknowledgment of its SYN reached it.
    case receivedACKofSYN
    /// It sent a FIN.
    case sentFIN
    /// An acknowledgment of its FIN reached it.
    case receivedACKofFIN
    /// A FIN reached it, and everything before that FIN.
    case receivedFIN
    /// It sent a RST.
    case sentRST
    /// A RST that it accepts reached it.
    case receivedRST
    /// One of its timers ran out: 2MSL, an orphan's FIN-WAIT-2, or retries.
    case timedOut
    /// Its address and port were used for a new connection.
    case replaced
    /// An ICMP message reached it that says that its peer cannot be reached.
    case receivedUnreachable
    /// It takes part in a connection whose handshake the capture does not show.
    case presumed
}

extension Event {
    /// Whether it is the end's own act, which no segment brings to it.
    @inlinable
    var isOwnAct: Bool {
        switch self {
        case .sentSYN, .sentSYNACK, .sentFIN, .sentRST, .timedOut, .replaced, .presumed: true
        case .receivedSYN, .receivedSYNACK, .receivedACKofSYN, .receivedACKofFIN, .receivedFIN,
            .receivedRST, .receivedUnreachable:
            false
        }
    }
}

extension State {
    /// The state after `event`, or nil if the event does not move this state.
    ///
    /// This is figure 5 of RFC 9293 with the edges of its text (section 3.10.7), read by an observer:
    /// `unknown` and CLOSED stand for the LISTEN that must have been there where a SYN is answered.
    @inlinable
    public func next(on event: Event) -> State? {
        switch (event, self) {
        // 3.10.1, 3.10.2: OPEN, and SEND in LISTEN, send a SYN.
        case (.sentSYN, .unknown), (.sentSYN, .closed), (.sentSYN, .listen): .synSent
        case (.sentSYN, .synSent), (.sentSYN, .synReceived), (.sentSYN, .established),
            (.sentSYN, .finWait1), (.sentSYN, .finWait2), (.sentSYN, .closeWait),
            (.sentSYN, .closing), (.sentSYN, .lastAck), (.sentSYN, .timeWait):
            nil

        // 3.10.7.2, third: a SYN in LISTEN is answered by SYN,ACK.
        // 3.10.7.3, fourth: a SYN without ACK in SYN-SENT is answered by SYN,ACK.
        case (.sentSYNACK, .unknown), (.sentSYNACK, .closed), (.sentSYNACK, .listen),
            (.sentSYNACK, .synSent):
            .synReceived
        case (.sentSYNACK, .synReceived), (.sentSYNACK, .established), (.sentSYNACK, .finWait1),
            (.sentSYNACK, .finWait2), (.sentSYNACK, .closeWait), (.sentSYNACK, .closing),
            (.sentSYNACK, .lastAck), (.sentSYNACK, .timeWait):
            nil

        // 3.10.7.2, third, and 3.10.7.3, fourth.
        case (.receivedSYN, .listen), (.receivedSYN, .synSent): .synReceived
        // 3.10.7.1 answers with RST; 3.10.7.4, fourth: challenge ACK (RFC 5961, section 4).
        case (.receivedSYN, .unknown), (.receivedSYN, .closed), (.receivedSYN, .synReceived),
            (.receivedSYN, .established), (.receivedSYN, .finWait1), (.receivedSYN, .finWait2),
            (.receivedSYN, .closeWait), (.receivedSYN, .closing), (.receivedSYN, .lastAck),
            (.receivedSYN, .timeWait):
            nil

        // 3.10.7.3, fourth: our SYN is acknowledged.
        case (.receivedSYNACK, .synSent): .established
        case (.receivedSYNACK, .unknown), (.receivedSYNACK, .closed), (.receivedSYNACK, .listen),
            (.receivedSYNACK, .synReceived), (.receivedSYNACK, .established),
            (.receivedSYNACK, .finWait1), (.receivedSYNACK, .finWait2),
            (.receivedSYNACK, .closeWait), (.receivedSYNACK, .closing),
            (.receivedSYNACK, .lastAck), (.receivedSYNACK, .timeWait):
            nil

        // 3.10.7.4, fifth: SYN-RECEIVED.
        case (.receivedACKofSYN, .synReceived): .established
        case (.receivedACKofSYN, .unknown), (.receivedACKofSYN, .closed),
            (.receivedACKofSYN, .listen), (.receivedACKofSYN, .synSent),
            (.receivedACKofSYN, .established), (.receivedACKofSYN, .finWait1),
            (.receivedACKofSYN, .finWait2), (.receivedACKofSYN, .closeWait),
            (.receivedACKofSYN, .closing), (.receivedACKofSYN, .lastAck),
            (.receivedACKofSYN, .timeWait):
            nil

        // 3.10.4: CLOSE.
        case (.sentFIN, .unknown), (.sentFIN, .synReceived), (.sentFIN, .established): .finWait1
        case (.sentFIN, .closeWait): .lastAck
        case (.sentFIN, .closed), (.sentFIN, .listen), (.sentFIN, .synSent), (.sentFIN, .finWait1),
            (.sentFIN, .finWait2), (.sentFIN, .closing), (.sentFIN, .lastAck),
            (.sentFIN, .timeWait):
            nil

        // 3.10.7.4, fifth: FIN-WAIT-1, CLOSING, LAST-ACK.
        case (.receivedACKofFIN, .finWait1): .finWait2
        case (.receivedACKofFIN, .closing): .timeWait
        case (.receivedACKofFIN, .lastAck): .closed
        case (.receivedACKofFIN, .unknown), (.receivedACKofFIN, .closed),
            (.receivedACKofFIN, .listen), (.receivedACKofFIN, .synSent),
            (.receivedACKofFIN, .synReceived), (.receivedACKofFIN, .established),
            (.receivedACKofFIN, .finWait2), (.receivedACKofFIN, .closeWait),
            (.receivedACKofFIN, .timeWait):
            nil

        // 3.10.7.4, eighth: check the FIN bit.
        case (.receivedFIN, .unknown), (.receivedFIN, .synReceived), (.receivedFIN, .established):
            .closeWait
        case (.receivedFIN, .finWait1): .closing
        case (.receivedFIN, .finWait2): .timeWait
        case (.receivedFIN, .closed), (.receivedFIN, .listen), (.receivedFIN, .synSent),
            (.receivedFIN, .closeWait), (.receivedFIN, .closing), (.receivedFIN, .lastAck),
            (.receivedFIN, .timeWait):
            nil

        // 3.10.5: ABORT. 3.10.7.4, second: check the RST bit; a listener that falls back to LISTEN
        // has closed this connection. RST in TIME-WAIT: the same paragraph.
        case (.sentRST, .unknown), (.sentRST, .synSent), (.sentRST, .synReceived),
            (.sentRST, .established), (.sentRST, .finWait1), (.sentRST, .finWait2),
            (.sentRST, .closeWait), (.sentRST, .closing), (.sentRST, .lastAck),
            (.sentRST, .timeWait),
            (.receivedRST, .unknown), (.receivedRST, .synSent), (.receivedRST, .synReceived),
            (.receivedRST, .established), (.receivedRST, .finWait1), (.receivedRST, .finWait2),
            (.receivedRST, .closeWait), (.receivedRST, .closing), (.receivedRST, .lastAck),
            (.receivedRST, .timeWait):
            .closed
        case (.sentRST, .closed), (.sentRST, .listen), (.receivedRST, .closed),
            (.receivedRST, .listen):
            nil

        // 3.10.8: timeouts; RFC 1122, section 4.2.2.20(f) for an orphan in FIN-WAIT-2 (Linux: tcp_fin_timeout).
        // 3.6.1: a new SYN may end a TIME-WAIT; a host that lost its state ends any state so.
        case (.timedOut, .unknown), (.timedOut, .synSent), (.timedOut, .synReceived),
            (.timedOut, .established), (.timedOut, .finWait1), (.timedOut, .finWait2),
            (.timedOut, .closeWait), (.timedOut, .closing), (.timedOut, .lastAck),
            (.timedOut, .timeWait),
            (.replaced, .unknown), (.replaced, .synSent), (.replaced, .synReceived),
            (.replaced, .established), (.replaced, .finWait1), (.replaced, .finWait2),
            (.replaced, .closeWait), (.replaced, .closing), (.replaced, .lastAck),
            (.replaced, .timeWait):
            .closed
        case (.timedOut, .closed), (.timedOut, .listen), (.replaced, .closed),
            (.replaced, .listen):
            nil

        // 3.9.2.2: a hard error aborts an attempt to connect; Linux takes more codes as hard there.
        case (.receivedUnreachable, .synSent): .closed
        case (.receivedUnreachable, .unknown), (.receivedUnreachable, .closed),
            (.receivedUnreachable, .listen), (.receivedUnreachable, .synReceived),
            (.receivedUnreachable, .established), (.receivedUnreachable, .finWait1),
            (.receivedUnreachable, .finWait2), (.receivedUnreachable, .closeWait),
            (.receivedUnreachable, .closing), (.receivedUnreachable, .lastAck),
            (.receivedUnreachable, .timeWait):
            nil

        // Not in the RFC: what an observer who came late may assume.
        case (.presumed, .unknown): .established
        case (.presumed, .closed), (.presumed, .listen), (.presumed, .synSent),
            (.presumed, .synReceived), (.presumed, .established), (.presumed, .finWait1),
            (.presumed, .finWait2), (.presumed, .closeWait), (.presumed, .closing),
            (.presumed, .lastAck), (.presumed, .timeWait):
            nil
        }
    }
}
