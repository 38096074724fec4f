import TCPState
import TestKit
import Testing
import Wire

/// What the numbers of a RST tell of its sender, and what a wrong acknowledgment does not do: as Linux 6.18 went
/// through its states where the same packets were seen.
@Suite struct ResetRuleTests {
    /// Linux 6.8, `tcp_send_active_reset`: SEG.ACK is RCV.NXT.
    @Test func `a RST that acknowledges the FIN shows its receipt, whatever came before`() {
        expectPaths(
            Opening.active + [.finWait1, .closed], Opening.passive + [.closeWait, .closed]
        ) {
            $0.open()
            let fin = $0.client.fin(after: .seconds(1), .lost).segment
            $0.server.ack(after: .milliseconds(300)) {
                $0.acknowledgmentNumber = fin.sequenceNumber
            }
            $0.server.rstAck(after: .milliseconds(300)) {
                $0.acknowledgmentNumber = fin.endSequenceNumber
            }
        }
    }

    /// RFC 9293, section 3.10.7.4: the acknowledgment of a segment counts before its data. An abort that acknowledges the data
    /// comes after both, however soon; one that does not may have crossed them.
    @Test(arguments: [false, true])
    func `an abort that acknowledges the data came after the acknowledgment with them`(
        acknowledges: Bool
    ) {
        let path: [State] = acknowledges ? [.finWait1, .finWait2, .closed] : [.finWait1, .closed]
        let talk = Conversation()
        talk.server.syn()
        talk.client.synAck(after: .milliseconds(1))
        talk.server.ack(after: .milliseconds(40))
        talk.client.send(100, after: .milliseconds(1))
        talk.server.ack(after: .milliseconds(40))
        talk.server.fin(after: .milliseconds(40))
        let data = talk.client.send(400, after: .milliseconds(1)).segment
        talk.server.rstAck(after: .milliseconds(15)) {
            $0.acknowledgmentNumber =
                acknowledges ? data.endSequenceNumber : data.sequenceNumber
        }
        #expect(Observed(talk).paths(.high).map { $0.suffix(path.count) } == [path[...]])
    }

    /// Its data after the RST do not bring back what it was in before: it has begun anew since.
    @Test(arguments: [false, true])
    func `an end that began anew after a RST in its name is not what it was before`(isOver: Bool) {
        let talk = Conversation()
        talk.open()
        let number = talk.client.rst(after: .milliseconds(1)).segment.sequenceNumber
        talk.client.segment([.syn, .ack], after: .seconds(10_000)) {
            $0.sequenceNumber = number + 5
        }
        // A SYN,ACK is repeated for a minute: Linux `tcp_synack_retries`.
        if isOver { talk.wait(.seconds(100)) }
        for _ in 0..<3 {
            talk.client.send(1, after: .seconds(1)) { $0.sequenceNumber = number - 100 }
        }
        expectBooksToAgree(talk)
    }

    /// RFC 9293, section 3.5.2, group 1: each bare RST answers one segment, so that there was no socket; the data that come
    /// again all the same are of one.
    @Test(arguments: [false, true])
    func `an end that its own RSTs say was not there, and its data that it is`(dataFirst: Bool) {
        let talk = Conversation()
        talk.open()
        talk.client.send(100)
        let number = SequenceNumber(5001)
        func refuse(_ count: Int, timeToLive: UInt8 = 64) {
            for _ in 0..<count {
                talk.server.rst {
                    ($0.sequenceNumber, $0.timeToLive) = (number, timeToLive)
                }
            }
        }
        func sendAgain() {
            for _ in 0..<4 {
                talk.server.send(10, after: .seconds(1)) { $0.sequenceNumber = number }
            }
        }
        refuse(dataFirst ? 1 : 2)
        sendAgain()
        if dataFirst { refuse(2, timeToLive: 200) }
        expectBooksToAgree(talk)
    }

    /// RFC 9293, section 3.5.2, group 1: that number is of the segment that the RST refuses.
    @Test func `a RST with number 0 acknowledges for no socket`() {
        expectPaths(Opening.active + [.finWait1], Opening.passive + [.closed]) {
            $0.open()
            let fin = $0.client.fin(after: .seconds(1), .lost).segment
            $0.server.rstAck(after: .milliseconds(300)) {
                $0.sequenceNumber = SequenceNumber(0)
                $0.acknowledgmentNumber = fin.endSequenceNumber
            }
        }
    }

    /// Both openers' SYNs cross; one aborts in SYN-RECEIVED. Its RSTs without ACK answer the SYN,ACK and the
    /// ACK that come too late.
    @Test func `as many bare RSTs as segments came met no socket, so the SYN was not acknowledged`()
    {
        let opens: [State] = [.closed, .synSent, .synReceived]
        expectPaths(opens + [.established, .closed], opens + [.closed]) {
            $0.client.syn()
            $0.server.segment([.syn], after: .milliseconds(18))
            $0.client.synAck { $0.sequenceNumber = $0.sequenceNumber - 1 }
            $0.server.synAck(after: .milliseconds(15)) {
                $0.sequenceNumber = $0.sequenceNumber - 1
            }
            $0.client.ack()
            $0.server.rstAck(after: .milliseconds(14))
            $0.server.rst(after: .milliseconds(5))
            $0.server.rst(after: .milliseconds(15))
        }
    }

    /// Linux 6.12, `subflow_syn_recv_sock`: a listener that takes no further subflow of a connection (MP_JOIN) ends the request
    /// when the third segment comes. The client's own RST, which the first one causes, is not answered.
    @Test func `a server that answers all but RSTs by bare RSTs did not take the third segment`() {
        expectPaths(Opening.active + [.closed], [.listen, .synReceived, .closed]) {
            $0.client.syn()
            $0.server.synAck(after: .milliseconds(11))
            $0.client.ack()
            $0.client.ack(after: .milliseconds(3))
            $0.server.rst(after: .milliseconds(11))
            $0.client.rstAck(after: .microseconds(40))
            $0.server.rst(after: .milliseconds(22))
        }
    }

    /// Linux 6.8, `tcp_retransmit_timer`: it would have sent its FIN once more.
    @Test func `data that a bare RST refuses after a missed repetition met no socket`() {
        expectPaths(
            Opening.active + [.closeWait, .closed], Opening.passive + [.finWait1, .closed]
        ) {
            $0.open()
            $0.server.fin(after: .seconds(1))
            $0.client.ack(after: .milliseconds(10), .lost)
            $0.server.retransmit(after: .milliseconds(200))
            $0.server.retransmit(after: .milliseconds(400))
            $0.server.retransmit(after: .milliseconds(800))
            $0.client.send(6, after: .seconds(3))
            $0.server.rst(after: .milliseconds(20))
        }
    }

    /// Linux 6.8, `tcp_rcv_state_process`, FIN-WAIT-1: the acknowledgment counts, then the data of an orphan are refused.
    @Test func `data that acknowledge the FIN of an orphan are refused in FIN-WAIT-2`() {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .closed],
            Opening.passive + [.closeWait, .closed]
        ) {
            $0.open()
            $0.client.fin(after: .seconds(1))
            $0.server.send(1448)
            $0.client.rst()
            $0.server.send(1448)
            $0.client.rst()
            $0.server.send(1448)
            $0.client.rst()
        }
    }

    /// RFC 9293, section 3.10.7.4, fifth: such a segment is answered and dropped, its FIN too.
    @Test func `a FIN that acknowledges what was never sent is no FIN`() {
        expectPaths(
            Opening.active + [.closeWait, .lastAck, .closed],
            Opening.passive + [.finWait1, .finWait2, .timeWait]
        ) {
            $0.open()
            $0.server.fin(after: .seconds(1))
            let wrong = $0.client.segment([.fin, .ack], after: .milliseconds(8), .lost) {
                $0.acknowledgmentNumber = $0.acknowledgmentNumber + 5_000_000
            }
            $0.server.ack(after: .milliseconds(1))
            $0.client.ack(after: .milliseconds(70)) {
                $0.sequenceNumber = wrong.segment.sequenceNumber
            }
            $0.client.segment([.fin, .ack], after: .milliseconds(50)) {
                $0.sequenceNumber = wrong.segment.sequenceNumber
            }
            $0.server.ack()
        }
    }
}
