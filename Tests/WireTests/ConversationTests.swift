import TestKit
import Testing
import Wire

/// The builder that state machine tests are written with.
@Suite struct ConversationTests {
    /// Sequence and acknowledgment number, relative to the initial ones, of each segment.
    func numbers(_ talk: Conversation, _ clientISS: UInt32, _ serverISS: UInt32) -> [[UInt32]] {
        talk.segments.map { sent in
            let fromClient = sent.segment.sourcePort == 40000
            let own = fromClient ? clientISS : serverISS
            let other = fromClient ? serverISS : clientISS
            return [
                sent.segment.sequenceNumber.rawValue &- own,
                sent.segment.flags.contains(.ack)
                    ? sent.segment.acknowledgmentNumber.rawValue &- other : 0,
                sent.segment.length,
            ]
        }
    }

    @Test(arguments: [(1000, 5000), (0, 0), (0xffff_fff0, 0xffff_fff5), (0x7fff_ffff, .max)])
    func `numbers follow what was said`(clientISS: UInt32, serverISS: UInt32) {
        let talk = Conversation(clientISS: clientISS, serverISS: serverISS)
        talk.open()
        talk.client.send(100)
        talk.server.ack()
        talk.server.send(50)
        talk.client.fin()
        talk.server.ack()
        talk.server.fin(10)
        talk.client.ack()
        #expect(
            numbers(talk, clientISS, serverISS) == [
                [0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 1, 100], [1, 101, 0], [1, 101, 50],
                [101, 51, 1], [51, 102, 0], [51, 102, 11], [102, 62, 0],
            ])
    }

    @Test func `the clock moves step by step`() {
        let talk = Conversation(
            start: Timestamp(nanoseconds: 0), step: .milliseconds(10))
        talk.client.syn()
        talk.server.synAck(after: .seconds(3))
        talk.wait(.microseconds(5))
        talk.client.ack()
        #expect(
            talk.segments.map(\.time.nanoseconds) == [
                10_000_000, 3_010_000_000, 3_020_005_000,
            ])
    }

    @Test func `what is lost is seen and not acknowledged`() {
        let talk = Conversation(clientISS: 0, serverISS: 0)
        talk.open()
        talk.client.send(10, .lost)
        talk.client.send(10)
        talk.server.ack()
        #expect(talk.segments.last?.segment.acknowledgmentNumber == SequenceNumber(1))
        talk.client.retransmit { $0.sequenceNumber = SequenceNumber(1) }
        talk.server.ack()
        #expect(talk.segments.last?.segment.acknowledgmentNumber == SequenceNumber(21))
        #expect(talk.segments.count == 8)
    }

    @Test func `what is unseen is acknowledged and not recorded`() {
        let talk = Conversation(clientISS: 0, serverISS: 0)
        talk.open()
        talk.client.send(10, .unseen)
        talk.server.ack()
        #expect(talk.segments.count == 4)
        #expect(talk.segments.last?.segment.acknowledgmentNumber == SequenceNumber(11))
    }

    @Test func `a change is the last word`() {
        let talk = Conversation()
        let sent = talk.client.syn {
            $0.sequenceNumber = SequenceNumber(7)
            $0.window = 3
            $0.flags.insert(.ece)
            $0.options.present = .windowScale
            $0.options.windowScale = 9
        }
        #expect(sent.segment.sequenceNumber == SequenceNumber(7))
        #expect(sent.segment.flags == [.syn, .ece])
        #expect(sent.segment.packetLength == 44)
        #expect(talk.server.synAck().segment.acknowledgmentNumber == SequenceNumber(8))
    }

    @Test func `refusal, keepalive and reset`() {
        let talk = Conversation(clientISS: 100, serverISS: 200)
        talk.client.syn()
        let refusal = talk.server.rstAck().segment
        #expect(refusal.sequenceNumber == SequenceNumber(0))
        #expect(refusal.acknowledgmentNumber == SequenceNumber(101))
        let next = Conversation(clientISS: 100, serverISS: 200)
        next.open()
        #expect(next.client.keepAlive().segment.sequenceNumber == SequenceNumber(100))
        #expect(next.client.rst().segment.sequenceNumber == SequenceNumber(101))
        #expect(next.server.rstAck().segment.sequenceNumber == SequenceNumber(201))
    }

    @Test func `simultaneous open`() {
        let talk = Conversation(clientISS: 10, serverISS: 20)
        talk.client.syn()
        talk.server.syn()
        let answer = talk.client.retransmit { $0.flags.insert(.ack) }.segment
        #expect(answer.sequenceNumber == SequenceNumber(10))
        // The number is filled in for every segment that had an ACK from the start.
        #expect(talk.client.ack().segment.acknowledgmentNumber == SequenceNumber(21))
    }

    @Test(arguments: ["10.0.0.1", "fd00::1"])
    func `frames decode to the segments they were made of`(address: String) throws {
        let client = try #require(Address(address))
        let server = Address(high: client.high, low: client.low + 1)
        let talk = Conversation(clientAddress: client, serverAddress: server)
        talk.client.syn {
            $0.options.present = [.maximumSegmentSize, .sackPermitted, .timestamps, .windowScale]
            $0.options.maximumSegmentSize = 1460
            $0.options.windowScale = 7
            $0.options.timestampValue = 99
        }
        talk.server.synAck { $0.options.present = .fastOpen }
        talk.client.send(1000) {
            $0.options.present = .sack
            $0.options.sackLeft = SequenceNumber(1)
            $0.options.sackRight = SequenceNumber(2)
        }
        talk.server.fin(3)
        talk.client.rst()
        for (sent, frame) in zip(talk.segments, talk.frames) {
            let (outcome, segment) = decode(frame.bytes)
            #expect(outcome == .segment)
            // Only a frame has a hardware address.
            var expected = sent.segment
            expected.hardwareSource = segment.hardwareSource
            #expect(segment == expected)
            #expect(frame.time == sent.time)
            let sums = Decoder().checksums(
                frame.bytes.span, linkType: .ethernet, wireLength: frame.bytes.count)
            #expect(sums?.transport == .correct)
        }
    }
}
