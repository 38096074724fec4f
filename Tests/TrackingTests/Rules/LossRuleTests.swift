import TCPState
import TestKit
import Testing
import Wire

/// What a repetition, an acknowledgment or a RST tells of segments that were lost: as Linux 6.18 went through
/// its states where the same packets were seen.
@Suite struct LossRuleTests {
    /// A DSACK block for what ends at `end`. RFC 2883.
    static func duplicate(_ left: SequenceNumber, _ end: SequenceNumber)
        -> Talker.Change
    {
        {
            $0.options.present.insert(.sack)
            $0.options.sackLeft = left
            $0.options.sackRight = end
        }
    }

    static func stamp(_ value: UInt32) -> Talker.Change {
        {
            $0.options.present.insert(.timestamps)
            $0.options.timestampValue = value
        }
    }

    /// RFC 9293, section 3.10.7.4, second: a RST closes, so nothing acknowledges the FIN before it.
    @Test func `a FIN that a RST follows arrived, though nothing acknowledges it`() {
        let talk = Conversation()
        talk.open()
        talk.client.fin(after: .seconds(1))
        talk.client.rstAck()
        let other = Conversation(clientPort: 40001, start: talk.now)
        other.client.syn(after: .seconds(3))
        let observed = Observed(talk.frames + other.frames)
        #expect(observed.paths(.high) == [Opening.passive + [.closeWait, .closed]])
    }

    /// A tap whose two directions have clocks of their own shows answers before what they answer. Who acknowledges a FIN has
    /// received it: RFC 9293, section 3.10.7.4, eighth.
    @Test(arguments: [true, false])
    func `a FIN that is seen after its acknowledgment has arrived`(isWhole: Bool) {
        let talk = Conversation()
        if isWhole { talk.open() } else { talk.client.syn(.unseen) }
        if !isWhole { talk.server.synAck() }
        talk.server.fin()
        talk.server.ack {
            $0.acknowledgmentNumber = $0.acknowledgmentNumber + 1
        }
        if !isWhole { talk.client.ack() }
        talk.client.fin()
        let observed = Observed(talk)
        #expect(observed.paths(.high).first?.last == .timeWait)
        #expect(observed.paths(.low).first?.last == .closed)
    }

    /// RFC 9293, section 3.10.7.4, first: beyond the window nothing counts; whoever acknowledges a number has received it.
    @Test(arguments: [true, false])
    func `a FIN behind a hole larger than the window counts once it is acknowledged`(
        isReceived: Bool
    ) {
        let talk = Conversation()
        talk.open()
        talk.server.send(1000)
        talk.client.ack()
        talk.server.send(740_000_000, after: .seconds(20), .unseen)
        talk.server.fin(1182, after: .seconds(1), isReceived ? .through : .lost)
        talk.client.ack()
        talk.client.fin()
        talk.server.ack()
        let observed = Observed(talk)
        let active = Opening.passive + [.finWait1, .finWait2, .timeWait]
        #expect((observed.paths(.high) == [active]) == isReceived)
        if isReceived {
            #expect(observed.paths(.low) == [Opening.active + [.closeWait, .lastAck, .closed]])
        }
    }

    @Test func `a bare first acknowledgment of the FIN, ahead of the sender's own FIN, is CLOSING`()
    {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .timeWait],
            Opening.passive + [.finWait1, .closing, .timeWait]
        ) {
            $0.open()
            $0.client.fin()
            $0.client.retransmit(after: .milliseconds(250))
            $0.server.ack(after: .milliseconds(20)) { $0.sequenceNumber = $0.sequenceNumber + 1 }
            $0.server.fin(after: .seconds(1))
            $0.client.ack()
        }
    }

    /// Both FINs cross on a path that is slower than its handshake was: each is acknowledged though it came once, and
    /// before the acknowledgment that the same end sent behind it.
    @Test func `a FIN went past before the acknowledgment, so it arrived before it`() {
        let crossed: [State] = [.finWait1, .closing, .timeWait]
        expectPaths(Opening.active + crossed, Opening.passive + crossed) {
            $0.open()
            let fin = $0.client.fin(after: .seconds(1)).segment
            $0.server.fin(after: .milliseconds(100)) {
                $0.acknowledgmentNumber = fin.sequenceNumber
            }
            $0.client.ack()
            $0.server.ack(after: .milliseconds(40))
        }
    }

    @Test func `a FIN that was repeated behind the acknowledgment arrived behind it`() {
        expectPaths(
            Opening.active + [.finWait1, .closing, .timeWait],
            Opening.passive + [.finWait1, .finWait2, .timeWait]
        ) {
            $0.open()
            let fin = $0.client.fin(after: .seconds(1), .lost).segment
            $0.server.fin(after: .milliseconds(100)) {
                $0.acknowledgmentNumber = fin.sequenceNumber
            }
            $0.client.ack()
            $0.client.retransmit(after: .milliseconds(200))
            $0.server.ack(after: .milliseconds(1))
        }
    }

    @Test func `one that reports the FIN as a duplicate is a second answer, from LAST-ACK`() {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .timeWait],
            Opening.passive + [.closeWait, .lastAck, .closed]
        ) {
            $0.open()
            let fin = $0.client.fin().segment
            $0.client.retransmit(after: .milliseconds(250))
            $0.server.ack(after: .milliseconds(20)) {
                $0.sequenceNumber = $0.sequenceNumber + 1
                Self.duplicate(fin.sequenceNumber, fin.endSequenceNumber)(&$0)
            }
            $0.server.fin(after: .seconds(1))
            $0.client.ack()
        }
    }

    @Test func `so does one whose options the snapshot length cut off`() throws {
        let talk = Conversation()
        talk.open()
        talk.client.fin()
        talk.client.retransmit(after: .milliseconds(250))
        talk.server.ack(after: .milliseconds(20)) {
            $0.sequenceNumber = $0.sequenceNumber + 1
            $0.options.present = .incomplete
        }
        talk.server.fin(after: .seconds(1))
        let record = try #require(talk.record)
        #expect(record.connection.server.state == .lastAck)
    }

    /// The ACK is checked before the FIN: RFC 9293, section 3.10.7.4, fifth and eighth.
    @Test func `a FIN whose every copy acknowledges the other one leads past FIN-WAIT-2`() {
        expectPaths(
            Opening.active + [.closeWait, .lastAck, .closed],
            Opening.passive + [.finWait1, .finWait2, .timeWait]
        ) {
            $0.open()
            $0.server.send(100)
            $0.client.ack(after: .milliseconds(5))
            $0.client.send(100)
            $0.server.ack(after: .milliseconds(5))
            let fin = $0.server.fin().segment
            $0.client.fin(after: .milliseconds(5))
            $0.server.segment([.fin, .ack], after: .milliseconds(25)) {
                $0.sequenceNumber = fin.sequenceNumber
                $0.acknowledgmentNumber = $0.acknowledgmentNumber - 1
            }
            $0.client.ack(after: .microseconds(10)) {
                Self.duplicate(fin.sequenceNumber, fin.endSequenceNumber)(&$0)
            }
            $0.server.ack(after: .microseconds(10))
        }
    }

    /// RFC 9293, section 3.8.1: what is acknowledged is not sent again.
    @Test func `data sent again from before the FIN show that its acknowledgment is lost`() {
        expectPaths(Opening.active + [.closeWait], Opening.passive + [.finWait1]) {
            $0.client.syn(after: nil) { Self.stamp(1000)(&$0) }
            $0.server.synAck(after: .milliseconds(10)) { Self.stamp(500)(&$0) }
            $0.client.ack { Self.stamp(1010)(&$0) }
            let data = $0.server.send(1000, after: .milliseconds(10)) { Self.stamp(520)(&$0) }
            $0.client.ack { Self.stamp(1030)(&$0) }
            $0.server.fin { Self.stamp(530)(&$0) }
            $0.client.ack { Self.stamp(1050)(&$0) }
            $0.server.segment([.ack, .psh], 1000, after: .milliseconds(200)) {
                $0.sequenceNumber = data.segment.sequenceNumber
                Self.stamp(760)(&$0)
            }
        }
    }

    /// Three probes and the RST that follows them: the host that does not answer them is not there.
    @Test func `a RST after unanswered probes does not arrive`() {
        expectPaths(
            Opening.active + [.finWait1, .finWait2], Opening.passive + [.closeWait, .closed]
        ) {
            $0.open()
            $0.client.fin()
            $0.server.ack()
            for _ in 0..<2 { $0.server.keepAlive(after: .seconds(1), .lost) }
            $0.server.rstAck(after: .seconds(1), .lost)
        }
    }

    @Test func `a RST after two retransmissions without an answer does not arrive`() {
        expectPaths(Opening.active + [.closed], Opening.passive) {
            $0.open()
            $0.client.send(100, after: .seconds(1), .lost)
            $0.client.retransmit(after: .milliseconds(200), .lost)
            $0.client.retransmit(after: .milliseconds(400), .lost)
            $0.client.rstAck(after: .milliseconds(800), .lost)
        }
    }

    /// Linux goes on retransmitting only while it holds the socket (RFC 9293, section 3.10.5: an aborted
    /// connection's data are not sent again).
    @Test func `an end that sends its data again after a RST in its name has not sent the RST`() {
        expectPaths(Opening.active + [.closed], Opening.passive) {
            $0.open()
            let data = $0.server.send(100, after: .seconds(1)).segment
            $0.client.ack(after: .milliseconds(10), .lost)
            $0.server.rst(after: .milliseconds(1))
            for pause in [200, 400, 800] {
                $0.server.segment([.ack, .psh], 100, after: .milliseconds(pause)) {
                    $0.sequenceNumber = data.sequenceNumber
                }
            }
        }
    }

    @Test func `a FIN repeated for three seconds, without a word from the peer, does not arrive`() {
        expectPaths(Opening.active + [.finWait1], Opening.passive) {
            $0.open()
            $0.client.fin(after: .seconds(1), .lost)
            $0.client.retransmit(after: .seconds(1), .lost)
            $0.client.retransmit(after: .seconds(2), .lost)
        }
    }

    @Test func `a RST right after an answered probe arrives`() {
        expectPaths(Opening.active + [.closed], Opening.passive + [.closed]) {
            $0.open()
            for _ in 0..<3 {
                $0.client.keepAlive(after: .seconds(1))
                $0.server.ack()
            }
            $0.client.rstAck(after: .seconds(1))
        }
    }

    @Test func `a FIN repeated five times without an answer does not arrive`() {
        expectPaths(
            Opening.active + [.closeWait, .lastAck], Opening.passive + [.finWait1, .finWait2]
        ) {
            $0.open()
            $0.server.fin()
            $0.client.ack(after: .milliseconds(50))
            $0.client.fin(after: .milliseconds(500), .lost)
            for delay in [200, 200, 400, 800, 1700] {
                $0.client.retransmit(after: .milliseconds(delay), .lost)
            }
        }
    }

    /// A RST ahead by one: the FIN before it is lost. RFC 5961: the receiver wants the exact number.
    @Test func `a RST one ahead of its sender closes it by way of FIN-WAIT-1`() {
        expectPaths(Opening.active, Opening.passive + [.finWait1, .closed]) {
            $0.open()
            $0.server.send(100)
            $0.client.ack()
            $0.server.rstAck { $0.sequenceNumber = $0.sequenceNumber + 1 }
            $0.client.ack()
        }
    }

    /// RFC 5961, section 3.2: a challenge ACK says that neither the FIN nor the RST was taken.
    @Test func `an acknowledgment that repeats itself a round trip after FIN and RST refuses both`()
    {
        expectPaths(Opening.active, Opening.passive + [.finWait1, .closed]) {
            $0.open()
            $0.client.send(500, after: .milliseconds(20))
            $0.server.send(500)
            $0.client.ack(after: .milliseconds(40))
            $0.server.fin(0, after: .milliseconds(20), .lost)
            $0.server.rstAck(after: .microseconds(60), .lost)
            $0.client.ack(after: .milliseconds(42))
        }
    }

    /// RFC 9293, section 3.5.3: RCV.NXT is SND.NXT if all that was sent again has arrived.
    @Test func `a RST with the next number resets, though the last acknowledgment shows a hole`() {
        expectPaths(Opening.active + [.closed], Opening.passive + [.closed]) {
            $0.open()
            let lost = $0.server.send(1000, after: .seconds(1), .lost).segment
            $0.server.send(1000)
            $0.client.ack(after: .milliseconds(50)) {
                Self.duplicate(lost.endSequenceNumber, lost.endSequenceNumber + 1000)(&$0)
            }
            $0.server.segment([.ack], 1000, after: .milliseconds(300)) {
                $0.sequenceNumber = lost.sequenceNumber
            }
            $0.client.ack { $0.acknowledgmentNumber = lost.sequenceNumber }
            $0.server.rstAck(after: .milliseconds(20))
        }
    }

    /// A firewall answers for the server: its RST has come another way.
    @Test func `a FIN that somebody else refuses does not arrive`() {
        expectPaths(Opening.active + [.finWait1, .closed], Opening.passive) {
            $0.open()
            $0.server.send(10) { $0.timeToLive = 60 }
            $0.client.ack()
            $0.client.fin(after: .seconds(1), .lost)
            $0.server.rst { $0.timeToLive = 255 }
        }
    }

    /// Linux 6.8, `tcp_v4_rcv`, `no_tcp_socket`: the RST takes its number from the ACK that it answers.
    @Test func `an acknowledgment that a bare RST answers at once met no socket`() {
        expectPaths(
            Opening.active + [.finWait1, .closed], Opening.passive + [.closeWait, .closed]
        ) {
            $0.open()
            $0.client.fin(after: .seconds(1), .lost)
            $0.client.retransmit(after: .milliseconds(200))
            $0.server.ack(after: .milliseconds(500))
            $0.client.rst(after: .milliseconds(1))
        }
    }

    /// Linux 6.8, `tcp_rcv_state_process`: the ACK counts before the data are refused.
    @Test func `one with data did`() {
        expectPaths(
            Opening.active + [.finWait1, .finWait2, .closed],
            Opening.passive + [.closeWait, .closed]
        ) {
            $0.open()
            $0.client.fin(after: .seconds(1), .lost)
            $0.client.retransmit(after: .milliseconds(200))
            $0.server.send(100, after: .milliseconds(500))
            $0.client.rst(after: .milliseconds(1))
        }
    }

    /// A repetition that died before the tap makes an end look gone until the next one comes.
    @Test func `an end that sends again was not gone`() {
        let talk = Conversation()
        talk.client.syn(after: nil, .lost)
        talk.client.retransmit(after: .seconds(1), .lost)
        let other = Conversation(clientPort: 40001, start: talk.now)
        other.client.syn(after: .seconds(4))
        let gone = Observed(talk.frames + other.frames)
        #expect(gone.paths(.low)[0] == [.closed, .synSent, .closed])
        #expect(gone.lives(.low)[0].last?.grade == .assumed)

        talk.client.retransmit(after: .seconds(5))
        talk.server.synAck()
        talk.client.ack()
        let back = Observed((talk.frames + other.frames).sorted { $0.time < $1.time })
        #expect(back.paths(.low)[0] == Opening.active)
        #expect(back.paths(.high)[0] == Opening.passive)
    }

    /// Its receipt of the first FIN, which would now come after its own, was in another connection.
    @Test func `a FIN is not taken for one of before the end began anew`() {
        let talk = Conversation()
        talk.open()
        talk.server.send(50)
        talk.client.fin()
        talk.server.ack(after: .milliseconds(50)) { $0.sequenceNumber = SequenceNumber(5200) }
        talk.server.rst(after: .milliseconds(50)) { $0.sequenceNumber = SequenceNumber(5200) }
        talk.server.synAck(after: .seconds(1)) { $0.sequenceNumber = SequenceNumber(5100) }
        talk.client.ack { $0.acknowledgmentNumber = SequenceNumber(5101) }
        talk.server.fin(after: .milliseconds(300)) { $0.sequenceNumber = SequenceNumber(5101) }
        talk.client.ack { $0.acknowledgmentNumber = SequenceNumber(5102) }
        let path = Observed(talk).paths(.high).first ?? []
        #expect(!zip(path, path.dropFirst()).contains { $0 == (.closeWait, .finWait1) })
        expectBooksToAgree(talk)
    }

    /// Data that do not acknowledge the FIN show that it has not arrived, and that the handshake is done.
    @Test func `what stays of an end whose FIN was lost is proved`() {
        let talk = Conversation()
        talk.open()
        talk.client.fin(0, after: nil, .lost)
        talk.server.send(50, after: .seconds(1))
        expectBooksToAgree(talk)
    }
}
