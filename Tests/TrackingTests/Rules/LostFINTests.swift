import TCPState
import TestKit
import Testing
import Wire

/// What other segments tell of a FIN that was lost, repeated or refused: as Linux 6.18 went through its states where the
/// same packets were seen.
@Suite struct LostFINTests {
    private static func stamps(_ value: UInt32, _ echo: UInt32) -> Talker.Change {
        {
            $0.options.present.insert(.timestamps)
            $0.options.timestampValue = value
            $0.options.timestampEcho = echo
        }
    }

    /// The FIN's number shows it although it died before the tap: RFC 9293, section 3.4. What acknowledges less than the
    /// peer's FIN was sent before that had come, whatever the next acknowledgment is.
    @Test(arguments: ["bare", "duplicate", "with the FIN"])
    func `a number behind an unseen FIN, before the acknowledgment of the peer's, is CLOSING`(
        next: String
    ) {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .timeWait],
            Opening.passive + [.finWait1, .closing, .timeWait]
        ) {
            $0.open()
            $0.client.send(100)
            $0.server.ack { $0.sequenceNumber = $0.sequenceNumber + 1 }
            let fin = $0.client.fin(after: .milliseconds(10)).segment
            if next != "with the FIN" {
                $0.server.ack(after: .milliseconds(20)) {
                    $0.sequenceNumber = $0.sequenceNumber + 1
                    if next == "duplicate" {
                        LossRuleTests.duplicate(fin.sequenceNumber, fin.endSequenceNumber)(&$0)
                    }
                }
            }
            $0.server.fin(after: .milliseconds(200))
            $0.client.ack()
        }
    }

    /// What is missing before a number may as well be data.
    @Test
    func `a number behind unseen data, then the peer's FIN, then data and a FIN, is LAST-ACK`() {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .timeWait],
            Opening.passive + [.closeWait, .lastAck, .closed]
        ) {
            $0.open()
            $0.client.send(100)
            $0.server.ack { $0.sequenceNumber = $0.sequenceNumber + 1 }
            $0.client.fin(after: .milliseconds(10))
            $0.server.ack(after: .milliseconds(20)) { $0.sequenceNumber = $0.sequenceNumber + 1 }
            $0.server.send(1, after: .milliseconds(200))
            $0.client.ack()
            $0.server.fin(after: .milliseconds(20))
            $0.client.ack()
        }
    }

    /// PAWS refuses what is older than what came before (RFC 7323, section 5.3). What the tap saw before need not have
    /// come: whoever acknowledges a FIN has received it.
    @Test(arguments: [true, false])
    func `a FIN that is older than a lost repetition counts once it is acknowledged`(
        isReceived: Bool
    ) {
        let talk = Conversation()
        talk.open()
        talk.server.send(1000, .through, Self.stamps(100, 50))
        talk.client.ack(.through, Self.stamps(60, 100))
        let fin = talk.server.fin(after: .milliseconds(100), .unseen, Self.stamps(150, 60)).segment
        talk.server.segment([.ack], 1000, after: .milliseconds(5), .lost) {
            $0.sequenceNumber = fin.sequenceNumber - 1000
            Self.stamps(160, 60)(&$0)
        }
        talk.server.segment([.fin, .ack], after: .milliseconds(1), .lost) {
            $0.sequenceNumber = fin.sequenceNumber
            Self.stamps(150, 60)(&$0)
        }
        talk.client.ack(after: .milliseconds(40), .through) {
            Self.stamps(70, isReceived ? 150 : 100)(&$0)
            if !isReceived { $0.acknowledgmentNumber = fin.sequenceNumber }
        }
        let observed = Observed(talk)
        let end = isReceived ? [State.closeWait] : []
        #expect(observed.paths(.low) == [Opening.active + end])
        #expect(observed.paths(.high).first?.contains(.finWait2) == isReceived)
    }

    /// A segment that is older than its sender's latest (RFC 7323, section 4.2: time stamps never go back) was overtaken by
    /// it: that it does not acknowledge the FIN does not mean that the FIN was lost.
    @Test(arguments: [90, 130])
    func `a segment that was overtaken does not tell that the FIN is lost`(stamp: UInt32) {
        let isOld = stamp == 90
        let talk = Conversation()
        talk.open()
        talk.server.send(100, .through, Self.stamps(90, 10))
        talk.client.ack(after: .milliseconds(10), .through, Self.stamps(20, 90))
        let fin = talk.client.fin(after: .seconds(1), .through, Self.stamps(100, 90)).segment
        talk.server.fin(after: .milliseconds(1)) {
            $0.acknowledgmentNumber = fin.sequenceNumber
            Self.stamps(110, 20)(&$0)
        }
        talk.client.ack(after: .milliseconds(1), .through, Self.stamps(102, 110))
        talk.server.segment([.ack], 100, after: .milliseconds(40)) {
            $0.sequenceNumber = $0.sequenceNumber - 101
            $0.acknowledgmentNumber = fin.sequenceNumber
            Self.stamps(stamp, 20)(&$0)
        }
        talk.server.ack(after: .milliseconds(20), .through, Self.stamps(131, 100))
        let end: [State] = [.finWait1, .closing] + (isOld ? [.timeWait] : [])
        #expect(Observed(talk).paths(.high) == [Opening.passive + end])
    }

    /// TIME-WAIT takes no time stamp from a copy of the FIN (Linux 6.18, `tcp_timewait_state_process`): its answer to the third
    /// copy echoes the one that arrived first.
    @Test(arguments: [200, 400])
    func `an answer that echoes a repetition of the FIN tells that the first copy was lost`(
        echo: UInt32
    ) {
        expectPaths(
            Opening.active + [.finWait1, .closing, .timeWait],
            Opening.passive + [.finWait1, .finWait2, .timeWait]
        ) {
            $0.open()
            let fin = $0.client.fin(after: .seconds(1), .lost, Self.stamps(100, 10)).segment
            $0.server.fin(after: .milliseconds(1)) {
                $0.acknowledgmentNumber = fin.sequenceNumber
                Self.stamps(20, 10)(&$0)
            }
            $0.client.ack(after: .milliseconds(1), .through, Self.stamps(120, 20))
            $0.client.retransmit(after: .milliseconds(100), .through, Self.stamps(200, 20))
            $0.client.retransmit(after: .milliseconds(200), .through, Self.stamps(400, 20))
            $0.server.ack(after: .milliseconds(20), .through, Self.stamps(340, echo))
        }
    }

    /// The accept queue is full: the server drops each acknowledgment, and what comes with it, until a program takes a
    /// connection (Linux 6.18, `tcp_v4_syn_recv_sock`, `sk_acceptq_is_full`).
    @Test(arguments: [true, false])
    func `a handshake that was ignored is complete once what is outstanding is acknowledged`(
        isAccepted: Bool
    ) {
        let talk = Conversation()
        talk.client.syn()
        let answer = talk.server.synAck().segment
        talk.client.ack(.lost)
        talk.client.send(10, .lost)
        talk.server.segment([.syn, .ack], after: .seconds(1)) {
            $0.sequenceNumber = answer.sequenceNumber
        }
        talk.client.ack(isAccepted ? .through : .lost)
        talk.client.retransmit(after: .seconds(1), isAccepted ? .through : .lost)
        if isAccepted { talk.server.ack(after: .milliseconds(10)) }
        talk.client.retransmit(after: .seconds(2), .lost)
        let observed = Observed(talk)
        let expected = isAccepted ? Opening.passive : Array(Opening.passive.dropLast())
        #expect(observed.paths(.high) == [expected])
    }
}
