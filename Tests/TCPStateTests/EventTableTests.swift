import TCPState
import Testing

/// The state machine against a table written by hand from RFC 9293: figure 5 and section 3.10.
///
/// Two readings are the observer's: an event that leaves the state as it is has `nil`, and a listener
/// that a RST sends back to LISTEN has closed this connection.
@Suite struct EventTableTests {
    /// What the RFC says about some states on one event.
    struct Rule: CustomTestStringConvertible, Sendable {
        let section: String
        let event: Event
        let from: [State]
        let to: State?

        init(_ section: String, _ event: Event, _ from: [State], _ to: State?) {
            self.section = section
            self.event = event
            self.from = from
            self.to = to
        }

        var testDescription: String { "\(event): \(section)" }
    }

    @Test(arguments: rules)
    func `the state after an event is RFC 9293's`(rule: Rule) {
        for state in rule.from {
            #expect(state.next(on: rule.event) == rule.to, "\(state) on \(rule.event)")
        }
    }

    @Test func `every pair of state and event has one row`() {
        for event in Event.allCases {
            for state in State.allCases {
                let count = Self.rules.count { $0.event == event && $0.from.contains(state) }
                #expect(count == 1, "\(state) on \(event) has \(count) rows")
            }
        }
    }

    @Test func `no rule names a state twice`() {
        for rule in Self.rules {
            #expect(Set(rule.from).count == rule.from.count, "\(rule.testDescription)")
        }
    }

    @Test func `nothing leads back to unknown or to LISTEN`() {
        // OPEN and CLOSE calls on a listener leave no packet; an observer never sees them.
        for event in Event.allCases {
            for state in State.allCases {
                let next = state.next(on: event)
                #expect(next != .unknown && next != .listen, "\(state) on \(event)")
            }
        }
    }

    @Test func `what has sent or received a FIN says so`() {
        // RFC 9293, section 3.3.2: the states after a FIN.
        let sent: Set<State> = [.finWait1, .finWait2, .closing, .lastAck, .timeWait]
        let received: Set<State> = [.closeWait, .closing, .lastAck, .timeWait]
        let synchronized = sent.union(received).union([.established])
        for state in State.allCases {
            #expect(state.hasSentFIN == sent.contains(state), "\(state)")
            #expect(state.hasReceivedFIN == received.contains(state), "\(state)")
            #expect(state.isSynchronized == synchronized.contains(state), "\(state)")
        }
    }

    /// The states after the handshake, in the order of RFC 9293, section 3.3.2.
    static let synchronized: [State] = [
        .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait,
    ]

    static let rules: [Rule] = [
        // An active open.
        Rule("3.10.1 OPEN in CLOSED and LISTEN; figure 5", .sentSYN, [.closed, .listen], .synSent),
        Rule("3.10.1, first seen by its SYN", .sentSYN, [.unknown], .synSent),
        Rule("3.10.1: connection already exists", .sentSYN, [.synSent, .synReceived], nil),
        Rule("3.10.1: connection already exists", .sentSYN, synchronized, nil),

        // The answer to a SYN.
        Rule("3.10.7.2, third: LISTEN", .sentSYNACK, [.listen], .synReceived),
        Rule(
            "3.10.7.2, the listener was not seen", .sentSYNACK, [.unknown, .closed], .synReceived),
        Rule("3.10.7.3, fourth: both SYNs crossed", .sentSYNACK, [.synSent], .synReceived),
        Rule("3.10.7.4: a repetition", .sentSYNACK, [.synReceived], nil),
        Rule("3.10.7.4, fourth: SYN is no answer here", .sentSYNACK, synchronized, nil),

        // A SYN arrives.
        Rule("3.10.7.2, third", .receivedSYN, [.listen], .synReceived),
        Rule("3.10.7.3, fourth: simultaneous open", .receivedSYN, [.synSent], .synReceived),
        Rule("3.10.7.1: answered by RST", .receivedSYN, [.closed], nil),
        Rule("nothing is known of a listener", .receivedSYN, [.unknown], nil),
        Rule("3.10.7.4, fourth: the same SYN again", .receivedSYN, [.synReceived], nil),
        Rule("3.10.7.4, fourth; RFC 5961, 4: challenge ACK", .receivedSYN, synchronized, nil),

        // SYN and ACK arrive.
        Rule("3.10.7.3, fourth", .receivedSYNACK, [.synSent], .established),
        Rule("3.10.7.1, 3.10.7.2: answered by RST", .receivedSYNACK, [.closed, .listen], nil),
        Rule("nothing was asked", .receivedSYNACK, [.unknown], nil),
        Rule("3.10.7.4, fourth: challenge ACK", .receivedSYNACK, [.synReceived], nil),
        Rule("3.10.7.4, fourth: challenge ACK", .receivedSYNACK, synchronized, nil),

        // The SYN is acknowledged.
        Rule("3.10.7.4, fifth", .receivedACKofSYN, [.synReceived], .established),
        Rule("3.10.7.1, 3.10.7.2: answered by RST", .receivedACKofSYN, [.closed, .listen], nil),
        Rule("3.10.7.3: without SYN it does not open", .receivedACKofSYN, [.synSent], nil),
        Rule("nothing is known of a SYN", .receivedACKofSYN, [.unknown], nil),
        Rule("3.10.7.4, fifth: an old ACK", .receivedACKofSYN, synchronized, nil),

        // CLOSE.
        Rule("3.10.4, SYN-RECEIVED", .sentFIN, [.synReceived], .finWait1),
        Rule("3.10.4, ESTABLISHED", .sentFIN, [.established], .finWait1),
        Rule("3.10.4, CLOSE-WAIT", .sentFIN, [.closeWait], .lastAck),
        Rule("3.10.4, first seen by its FIN", .sentFIN, [.unknown], .finWait1),
        Rule("3.10.4: no FIN before the handshake", .sentFIN, [.closed, .listen, .synSent], nil),
        Rule("3.10.4: a repetition", .sentFIN, [.finWait1, .closing, .lastAck], nil),
        Rule("3.10.4: connection closing", .sentFIN, [.finWait2, .timeWait], nil),

        // The FIN is acknowledged.
        Rule("3.10.7.4, fifth, FIN-WAIT-1", .receivedACKofFIN, [.finWait1], .finWait2),
        Rule("3.10.7.4, fifth, CLOSING", .receivedACKofFIN, [.closing], .timeWait),
        Rule("3.10.7.4, fifth, LAST-ACK", .receivedACKofFIN, [.lastAck], .closed),
        Rule(
            "no FIN was sent", .receivedACKofFIN,
            [.unknown, .closed, .listen, .synSent, .synReceived, .established, .closeWait], nil),
        Rule("it was before", .receivedACKofFIN, [.finWait2, .timeWait], nil),

        // A FIN arrives.
        Rule("3.10.7.4, eighth", .receivedFIN, [.synReceived, .established], .closeWait),
        Rule("3.10.7.4, eighth, first seen by it", .receivedFIN, [.unknown], .closeWait),
        Rule("3.10.7.4, eighth, FIN-WAIT-1", .receivedFIN, [.finWait1], .closing),
        Rule("3.10.7.4, eighth, FIN-WAIT-2", .receivedFIN, [.finWait2], .timeWait),
        Rule("3.10.7.4, eighth: do not process", .receivedFIN, [.closed, .listen, .synSent], nil),
        Rule(
            "3.10.7.4, eighth: remain", .receivedFIN, [.closeWait, .closing, .lastAck, .timeWait],
            nil),

        // ABORT.
        Rule("3.10.5: nothing to reset", .sentRST, [.closed, .listen], nil),
        Rule("3.10.5, SYN-SENT and SYN-RECEIVED", .sentRST, [.synSent, .synReceived], .closed),
        Rule("3.10.5: delete the TCB", .sentRST, synchronized, .closed),
        Rule("3.10.5, first seen by its RST", .sentRST, [.unknown], .closed),

        // A RST arrives.
        Rule("3.10.7.1, 3.10.7.2, first: ignored", .receivedRST, [.closed, .listen], nil),
        Rule("3.10.7.3, second", .receivedRST, [.synSent], .closed),
        Rule("3.10.7.4, second: or LISTEN again", .receivedRST, [.synReceived], .closed),
        Rule("3.10.7.4, second", .receivedRST, synchronized, .closed),
        Rule("3.10.7.4, second, in any state", .receivedRST, [.unknown], .closed),

        // Timeouts.
        Rule("3.10.8: nothing runs", .timedOut, [.closed, .listen], nil),
        Rule("3.10.8: user timeout", .timedOut, [.synSent, .synReceived], .closed),
        Rule("3.10.8: user timeout, 2MSL", .timedOut, synchronized, .closed),
        Rule("3.10.8: user timeout, in any state", .timedOut, [.unknown], .closed),

        // A new connection on the same ports.
        Rule("3.6.1: there is none", .replaced, [.closed, .listen], nil),
        Rule("3.5.1: the host lost its state", .replaced, [.synSent, .synReceived], .closed),
        Rule("3.6.1, TIME-WAIT; 3.5.1, all others", .replaced, synchronized, .closed),
        Rule("3.6.1, in any state", .replaced, [.unknown], .closed),

        // An ICMP error arrives: RFC 1122, section 4.2.3.9; Linux only gives up in SYN-SENT.
        Rule("3.9.2.2: hard error", .receivedUnreachable, [.synSent], .closed),
        Rule(
            "3.9.2.2: no attempt to connect", .receivedUnreachable,
            [.unknown, .closed, .listen, .synReceived], nil),
        Rule("tcp_v4_err: noted only", .receivedUnreachable, synchronized, nil),

        // A capture that begins late: not in the RFC.
        Rule("it takes part in a conversation", .presumed, [.unknown], .established),
        Rule("it is known better", .presumed, [.closed, .listen, .synSent, .synReceived], nil),
        Rule("it is known better", .presumed, synchronized, nil),
    ]
}
