import TCPState
import TestKit
import Testing
import Wire

/// Every edge of RFC 9293's figure 5 that shows in packets is gone along by some conversation.
@Suite struct FigureFiveTests {
    struct Edge: Hashable {
        let from: State
        let to: State

        init(_ from: State, _ to: State) {
            self.from = from
            self.to = to
        }
    }

    /// Figure 5 from top to bottom. FIN-WAIT-1 to TIME-WAIT (note 2) goes through FIN-WAIT-2, as the
    /// order of section 3.10.7.4 has it: the ACK is looked at before the FIN.
    static let edges: Set<Edge> = [
        Edge(.closed, .synSent), Edge(.listen, .synReceived), Edge(.synSent, .synReceived),
        Edge(.synReceived, .established), Edge(.synSent, .established),
        Edge(.synReceived, .finWait1), Edge(.established, .finWait1),
        Edge(.established, .closeWait), Edge(.finWait1, .finWait2), Edge(.finWait1, .closing),
        Edge(.closeWait, .lastAck), Edge(.finWait2, .timeWait), Edge(.closing, .timeWait),
        Edge(.lastAck, .closed), Edge(.timeWait, .closed), Edge(.synSent, .closed),
        // Note 1: back to LISTEN, which ends this connection.
        Edge(.synReceived, .closed),
    ]

    /// Calls of a program that send nothing: passive OPEN, CLOSE of a listener; and SEND in
    /// LISTEN, whose SYN looks like that of an active OPEN.
    static let silent: Set<Edge> = [
        Edge(.closed, .listen), Edge(.listen, .closed), Edge(.listen, .synSent),
    ]

    /// CLOSE in SYN-RECEIVED, by a server that RFC 7413 lets send before the handshake is complete.
    static func closeInSynReceived() -> Conversation {
        let talk = Conversation()
        talk.client.syn { $0.payloadLength = 10 }
        talk.server.synAck()
        talk.server.fin()
        talk.client.ack()
        return talk
    }

    /// RST in SYN-RECEIVED, by a client that has given up.
    static func resetInSynReceived() -> Conversation {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck()
        talk.client.rst()
        return talk
    }

    @Test func `all are gone along, and no other edge between states of figure 5`() {
        var seen: Set<Edge> = []
        let talks = [Self.closeInSynReceived(), Self.resetInSynReceived()].map { Observed($0) }
        for observed in Scenario.all.map({ Observed($0.run(.client).frames()) }) + talks {
            for life in observed.lives(.low) + observed.lives(.high) {
                seen.formUnion(life.map { Edge($0.from, $0.to) })
            }
        }
        for edge in Self.edges {
            #expect(seen.contains(edge), "\(edge.from) → \(edge.to)")
        }
        // RST, and an ended life, lead to CLOSED from everywhere: section 3.10.7.4, second.
        let others = seen.subtracting(Self.edges).filter { $0.to != .closed }
        #expect(others.isEmpty, "\(others)")
        #expect(Self.edges.isDisjoint(with: Self.silent))
        #expect(Self.edges.count + Self.silent.count == 20)
    }
}
