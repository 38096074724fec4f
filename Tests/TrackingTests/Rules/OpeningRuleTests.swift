import TCPState
import TestKit
import Testing
import Wire

/// What the first segments tell, where some were lost or came before the capture.
@Suite struct OpeningRuleTests {
    static let established: [State] = [.synSent, .established]

    /// Two openers, of which the second never sends SYN,ACK; it answers the other's with `change`.
    func crossingSYNs(_ change: @escaping Talker.Change) -> Observed {
        let talk = Conversation()
        talk.client.syn()
        talk.server.segment([.syn], after: .milliseconds(17))
        talk.client.synAck { $0.sequenceNumber = $0.sequenceNumber - 1 }
        talk.server.ack(after: .milliseconds(24), .through, change)
        talk.client.send(100)
        talk.server.ack(after: .milliseconds(24))
        return Observed(talk)
    }

    @Test func `an opener that answers SYN,ACK with a bare ACK never received the SYN`() {
        let observed = crossingSYNs { _ in }
        #expect(observed.paths(.high) == [[.closed, .synSent, .established]])
        #expect(observed.paths(.low) == [[.closed, .synSent, .synReceived, .established]])
    }

    /// Linux 6.8, `tcp_send_dupack`; RFC 2883.
    @Test func `one that reports the SYN as a duplicate did`() {
        let observed = crossingSYNs {
            $0.options.present.insert(.sack)
            $0.options.sackLeft = SequenceNumber(1000)
            $0.options.sackRight = SequenceNumber(1001)
        }
        #expect(observed.paths(.high) == [[.closed, .synSent, .synReceived, .established]])
    }

    /// A segment's time stamps.
    static func stamp(_ value: UInt32, echo: UInt32) -> Talker.Change {
        {
            $0.options.present.insert(.timestamps)
            $0.options.timestampValue = value
            $0.options.timestampEcho = echo
        }
    }

    /// RFC 7323, section 4.3: TS.Recent is that of what was received first.
    @Test(
        arguments: [
            (100, [.closed, .synSent, .synReceived, .established]),
            (160, [.closed, .synSent, .established]),
        ] as [(UInt32, [State])])
    func `an opener's first acknowledgment echoes the SYN, or the SYN,ACK`(
        echo: UInt32, path: [State]
    ) {
        let talk = Conversation()
        talk.client.syn { Self.stamp(100, echo: 0)(&$0) }
        talk.server.segment([.syn], after: .milliseconds(60)) { Self.stamp(900, echo: 0)(&$0) }
        talk.client.synAck {
            Self.stamp(160, echo: 900)(&$0)
            $0.sequenceNumber = $0.sequenceNumber - 1
        }
        talk.server.ack(after: .milliseconds(40)) { Self.stamp(960, echo: echo)(&$0) }
        talk.client.send(100) { Self.stamp(220, echo: 960)(&$0) }
        #expect(Observed(talk).paths(.high) == [path])
    }

    /// RFC 9293, section 3.10.7.3, fourth: SYN,ACK is sent in SYN-RECEIVED.
    @Test func `an opener that sends SYN,ACK has received the SYN, not its peer's SYN,ACK`() {
        let talk = Conversation()
        talk.client.syn()
        talk.server.segment([.syn], after: .milliseconds(60))
        talk.client.synAck { $0.sequenceNumber = $0.sequenceNumber - 1 }
        talk.client.synAck(after: .seconds(1)) { $0.sequenceNumber = $0.sequenceNumber - 1 }
        talk.server.synAck(after: .milliseconds(80)) { $0.sequenceNumber = $0.sequenceNumber - 1 }
        talk.client.ack()
        talk.server.send(10, after: .seconds(1))
        let crossed: [State] = [.closed, .synSent, .synReceived, .established]
        #expect(Observed(talk).paths(.high) == [crossed])
    }

    /// Linux 6.12, `tcp_validate_incoming`: in SYN-RECEIVED a SYN,ACK that acknowledges the own SYN passes; its SYN is
    /// reported as a duplicate (RFC 2883).
    @Test func `an opener that reports SYN,ACK as a duplicate has taken its acknowledgment`() {
        let talk = Conversation()
        talk.client.syn { Self.stamp(100, echo: 0)(&$0) }
        talk.server.segment([.syn], after: .milliseconds(14)) { Self.stamp(500, echo: 0)(&$0) }
        talk.client.synAck {
            $0.sequenceNumber = $0.sequenceNumber - 1
            Self.stamp(114, echo: 500)(&$0)
        }
        talk.server.synAck(after: .milliseconds(15)) {
            $0.sequenceNumber = $0.sequenceNumber - 1
            Self.stamp(515, echo: 100)(&$0)
        }
        talk.client.ack { Self.stamp(129, echo: 515)(&$0) }
        talk.server.ack(after: .milliseconds(13)) {
            Self.stamp(528, echo: 114)(&$0)
            $0.options.present.insert(.sack)
            $0.options.sackLeft = SequenceNumber(1000)
            $0.options.sackRight = SequenceNumber(1001)
        }
        talk.server.rstAck(after: .milliseconds(3)) { Self.stamp(531, echo: 114)(&$0) }
        talk.server.rst(after: .milliseconds(12))
        let path: [State] = [.closed, .synSent, .synReceived, .established, .closed]
        #expect(Observed(talk).paths(.high) == [path])
    }

    /// A listener's end sends no SYN without ACK: RFC 9293, section 3.10.7.2.
    @Test func `a SYN behind the same end's SYN,ACK shows an opener, seen in the wrong order`() {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck(after: .milliseconds(40))
        talk.client.ack()
        talk.server.segment([.syn]) { $0.sequenceNumber = $0.sequenceNumber - 1 }
        talk.client.send(100, after: .milliseconds(200))
        talk.server.ack(after: .milliseconds(40))
        let observed = Observed(talk)
        #expect(observed.paths(.high) == [[.closed, .synSent, .synReceived, .established]])
        #expect(observed.isContinuous)
    }

    /// RFC 9293, section 3.10.7.4, fourth: a SYN in a synchronized state opens nothing.
    @Test func `a SYN long after the same end's SYN,ACK is no opener's`() {
        let talk = Conversation()
        talk.open()
        talk.client.fin(after: .milliseconds(100))
        talk.server.segment([.syn], after: .milliseconds(100)) {
            $0.sequenceNumber = SequenceNumber(5000)
        }
        talk.client.ack()
        #expect(Observed(talk).paths(.high) == [[.listen, .synReceived, .established, .closeWait]])
    }

    /// RFC 7323, section 4.3: the third segment has the number of the last one acknowledged, so it is echoed.
    @Test(
        arguments: [
            (80, [.listen, .synReceived, .established, .finWait1]),
            (10, [.listen, .synReceived, .finWait1]),
        ] as [(UInt32, [State])])
    func `a fast-open server echoes the third segment once it is established`(
        echo: UInt32, path: [State]
    ) {
        let talk = Conversation()
        talk.client.segment([.syn], 100) { Self.stamp(10, echo: 0)(&$0) }
        talk.server.synAck(after: .milliseconds(70)) { Self.stamp(500, echo: 10)(&$0) }
        talk.client.ack { Self.stamp(80, echo: 500)(&$0) }
        talk.server.send(300, after: .milliseconds(50)) { Self.stamp(520, echo: echo)(&$0) }
        talk.server.fin { Self.stamp(521, echo: echo)(&$0) }
        #expect(Observed(talk).paths(.high) == [path])
    }

    /// RFC 9293, section 3.5.2, group 1: there is no connection at the sender of such a RST.
    @Test func `a late capture's first segment of an end, its bare RST, tells of no socket`() {
        let talk = Conversation()
        talk.server.send(6)
        talk.client.rst(after: .milliseconds(6))
        let observed = Observed(talk)
        #expect(observed.paths(.low) == [[.unknown, .closed]])
        #expect(observed.paths(.high) == [[.unknown, .established, .closed]])
    }

    /// RFC 9293, section 3.10.5: ABORT.
    @Test func `its RST with ACK ends a socket`() {
        let talk = Conversation()
        talk.server.send(6)
        talk.client.segment([.rst, .ack], after: .milliseconds(6))
        #expect(Observed(talk).paths(.low) == [[.unknown, .established, .closed]])
    }

    /// The same of both ends at once: each RST comes from a socket. One without ACK from where no segment came before tells of
    /// none.
    @Test(arguments: [false, true])
    func `two RSTs that cross end two sockets`(isBare: Bool) {
        let talk = Conversation()
        talk.client.segment([.rst, .ack])
        let flags: TCPFlags = isBare ? [.rst] : [.rst, .ack]
        talk.server.segment(flags, after: .milliseconds(5))
        let observed = Observed(talk)
        #expect(observed.paths(.low) == [[.unknown, .closed]])
        #expect(observed.paths(.high) == (isBare ? [] : [[.unknown, .closed]]))
    }

    /// RFC 9293, section 3.8.4; Linux 6.8, `tcp_xmit_probe_skb`: SEG.SEQ is SND.UNA - 1.
    @Test func `a RST one number behind keepalive probes follows no FIN`() {
        let talk = Conversation()
        talk.client.keepAlive()
        talk.client.keepAlive(after: .seconds(1))
        talk.client.segment([.rst, .ack], after: .seconds(1))
        #expect(Observed(talk).paths(.low) == [[.unknown, .established, .closed]])
    }

    /// The same: a capture that begins among probes does not show SND.NXT, which is one more. What acknowledges it, and a RST
    /// that has it, are in order.
    @Test(arguments: [false, true])
    func `what follows keepalive probes has the number after theirs`(isAborted: Bool) {
        let talk = Conversation()
        talk.server.keepAlive()
        talk.server.keepAlive(after: .seconds(1))
        if isAborted { talk.server.segment([.rst, .ack], after: .seconds(1), .lost) }
        talk.client.fin(after: .seconds(4))
        talk.server.rst(after: .milliseconds(1))
        let observed = Observed(talk)
        #expect(observed.paths(.low) == [[.unknown, .established, .finWait1, .closed]])
        #expect(observed.paths(.high) == [[.unknown, .established, .closed]])
    }

    @Test func `a RST behind one keepalive probe ends the other end as well`() {
        let talk = Conversation()
        talk.server.keepAlive()
        talk.client.send(10, after: .milliseconds(1)) {
            $0.acknowledgmentNumber = $0.acknowledgmentNumber - 1
        }
        talk.server.segment([.rst, .ack], after: .seconds(1))
        #expect(Observed(talk).paths(.low) == [[.unknown, .established, .closed]])
    }

    /// Linux 6.8, `tcp_fin` and `__tcp_ack_snd_check`: a FIN alone is acknowledged late on the way to CLOSE-WAIT, at once on
    /// the way to TIME-WAIT; data at the end of a transfer are acknowledged at once in any state.
    @Test(
        arguments: [
            (0, [.unknown, .closeWait, .lastAck, .closed], [.unknown, .finWait2, .timeWait]),
            (
                2364, [.unknown, .established, .finWait1, .finWait2],
                [.unknown, .established, .closeWait]
            ),
        ] as [(UInt32, [State], [State])])
    func `a FIN alone that is acknowledged at once meets an end that had closed before`(
        byteCount: UInt32, closer: [State], other: [State]
    ) {
        expectPaths(closer, other) {
            $0.client.send(2856)
            $0.server.ack()
            $0.client.fin(byteCount, after: .milliseconds(1))
            $0.server.ack(after: .microseconds(50))
        }
    }

    /// Linux 6.8, `tcp_send_delayed_ack`: the delay grows from 0 with the data that come.
    @Test func `a FIN acknowledged at once by an end without data tells of no half-close`() {
        expectPaths(
            [.unknown, .established, .finWait1, .finWait2], [.unknown, .established, .closeWait]
        ) {
            $0.client.ack()
            $0.server.ack()
            $0.client.fin(after: .milliseconds(1))
            $0.server.ack(after: .microseconds(50))
        }
    }

    @Test func `a SYN,ACK in the first three seconds answers a SYN from before the capture`() {
        let talk = Conversation()
        talk.server.synAck()
        let observed = Observed(talk)
        #expect(observed.paths(.low) == [[.unknown, .synSent]])
        #expect(observed.paths(.high) == [[.unknown, .synReceived]])
    }

    /// RFC 9293, section 3.10.7.4: data are sent after the SYN has been acknowledged.
    @Test func `a SYN,ACK whose sender goes on unanswered follows a SYN that passes elsewhere`() {
        let talk = Conversation()
        talk.server.synAck()
        talk.client.ack(.unseen)
        talk.server.send(100)
        let observed = Observed(talk)
        #expect(observed.paths(.high) == [[.listen, .synReceived, .established]])
        #expect(!observed.connections[0].anomalies.contains(.midStream))
    }

    @Test func `where the peer is heard, the SYN came before the capture`() {
        let talk = Conversation()
        talk.server.synAck()
        talk.client.ack()
        talk.server.send(100)
        let observed = Observed(talk)
        #expect(observed.paths(.high) == [[.unknown, .synReceived, .established]])
        #expect(observed.connections[0].anomalies.contains(.midStream))
    }

    @Test func `a SYN,ACK later on answers a SYN that the capture missed`() {
        let first = Conversation(clientPort: 40001)
        first.client.syn()
        let talk = Conversation(start: first.now)
        talk.server.synAck(after: .seconds(4))
        let observed = Observed(first.frames + talk.frames)
        #expect(observed.paths(.high) == [[.listen, .synReceived]])
    }

    /// The third ACK was lost before the tap; nothing is 15 s away.
    @Test func `one late answer makes no round trip`() {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck(after: .microseconds(30))
        talk.client.fin(after: .seconds(15))
        talk.server.ack(after: .milliseconds(3))
        let observed = Observed(talk)
        #expect(observed.connections[0][.low].roundTrip == nil)
        #expect(observed.connections[0][.high].roundTrip == 30_000)
    }

    @Test func `two late answers do`() {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck(after: .seconds(2))
        talk.client.ack()
        talk.client.send(100)
        talk.server.ack(after: .milliseconds(2100))
        let observed = Observed(talk)
        #expect(observed.connections[0][.high].roundTrip == 2_100_000_000)
    }

    /// An end that the capture does not show: its peer acknowledges its SYN.
    @Test func `an acknowledgment proves the unseen SYN,ACK`() {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck(after: nil, .unseen)
        talk.client.ack()
        talk.client.fin()
        let observed = Observed(talk)
        #expect(
            observed.paths(.high) == [[.listen, .synReceived, .established, .closeWait]])
        #expect(observed.lives(.high)[0][0].grade == .proved)
        #expect(
            observed.paths(.low) == [[.closed, .synSent, .established, .finWait1, .finWait2]])
        // The server's FIN may have come before.
        #expect(observed.lives(.low)[0].last { $0.to == .finWait1 }?.grade == .inferred)
        #expect(observed.lives(.low)[0].last?.grade == .assumed)
    }

    /// The capture that has only what the client sends of a conversation.
    func half(_ speak: (Conversation) -> Void) -> Observed {
        let talk = Conversation()
        speak(talk)
        let segments = talk.segments.filter { $0.segment.destinationPort == 80 }
        return Observed(segments.map { (PacketBuilder($0.segment).ethernet, $0.time) })
    }

    /// RFC 9293, section 3.4: a FIN takes up one number.
    @Test func `one number more after all data, before the end's own FIN, is the unseen FIN`() {
        let observed = half {
            $0.open()
            $0.client.send(100)
            $0.server.send(500)
            $0.client.ack()
            $0.server.fin()
            $0.client.ack()
            $0.client.fin(after: .seconds(1))
        }
        #expect(
            observed.paths(.low) == [
                [.closed, .synSent, .established, .closeWait, .lastAck, .closed]
            ])
    }

    @Test func `one number more after the end's own FIN leads to TIME-WAIT`() {
        let observed = half {
            $0.open()
            $0.server.send(500)
            $0.client.ack()
            $0.client.fin()
            $0.server.ack()
            $0.server.fin()
            $0.client.ack()
        }
        #expect(
            observed.paths(.low) == [
                [.closed, .synSent, .established, .finWait1, .finWait2, .timeWait]
            ])
    }

    @Test func `an unseen acknowledgment is not assumed of a FIN that is repeated`() {
        let observed = half {
            $0.open()
            $0.server.send(500)
            $0.client.ack()
            $0.client.fin(after: nil, .lost)
            $0.client.retransmit(after: .milliseconds(300))
        }
        let life = observed.lives(.low)[0]
        #expect(life.path == [.closed, .synSent, .established, .finWait1, .finWait2])
        #expect(life.last!.seen - life[2].seen > 190_000_000)
    }
}
