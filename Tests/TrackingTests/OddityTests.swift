import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Conversations that two quiet kernels do not have: attacks, captures that begin late, one direction
/// only. Each as it is, where sequence numbers wrap, and with every packet doubled by the tap.
@Suite struct OddityTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        /// The states of every incarnation of the client and of the server.
        let expected: [[[State]]]
        let anomalies: Anomalies
        let speak: @Sendable (Conversation) -> Void

        init(
            _ name: String, _ client: [[State]], _ server: [[State]],
            _ anomalies: Anomalies = [], _ speak: @escaping @Sendable (Conversation) -> Void
        ) {
            self.name = name
            expected = [client, server]
            self.anomalies = anomalies
            self.speak = speak
        }

        var testDescription: String { name }
    }

    @Test(arguments: cases)
    func `as it is`(oddity: Case) { expect(oddity, 1000, 5000) }

    @Test(arguments: cases)
    func `where sequence numbers wrap`(oddity: Case) { expect(oddity, 0xffff_fff0, 0xffff_ffff) }

    @Test(arguments: cases)
    func `every packet seen twice`(oddity: Case) {
        expect(oddity, 1000, 5000, copies: 2)
    }

    @Test func `a forged RST with the sender's own time to live does not close the sender`() {
        // Its number lies beyond all that the server has sent, and the server goes on.
        let oddity = Case("forged RST", [Self.opens], [Self.answers], .invalidReset) {
            $0.open()
            $0.server.send(10)
            $0.client.ack()
            $0.server.rst { $0.sequenceNumber = $0.sequenceNumber + 300 }
            $0.client.ack()
            $0.server.send(10)
            $0.client.ack()
        }
        expect(oddity, 1000, 5000)
    }

    func expect(_ oddity: Case, _ clientISS: UInt32, _ serverISS: UInt32, copies: Int = 1) {
        let talk = Conversation(clientISS: clientISS, serverISS: serverISS)
        oddity.speak(talk)
        let frames = talk.frames.flatMap { frame in
            (0..<copies).map { (bytes: frame.bytes, time: frame.time + Int64($0) * 100_000) }
        }
        let observed = Observed(frames)
        #expect(observed.paths(.low) == oddity.expected[0])
        #expect(observed.paths(.high) == oddity.expected[1])
        #expect(observed.isContinuous)
        expectTimes(observed, from: frames[0].time, to: frames[frames.count - 1].time)
        let anomalies = observed.connections.reduce(into: Anomalies()) {
            $0.formUnion($1.anomalies)
        }
        #expect(anomalies.isSuperset(of: oddity.anomalies))
    }

    /// What is proved or inferred happened while the capture was taken, give or take the way to the tap: an interval of time
    /// that is not empty.
    private func expectTimes(_ observed: Observed, from start: Timestamp, to end: Timestamp) {
        let slack: TimeSpan = 1_000_000_000
        for (change, _) in observed.history.kept {
            let (from, to) = (change.notBefore ?? start, change.notAfter ?? end)
            #expect(from >= start - slack && from <= end + slack, "\(change)")
            #expect(to >= start - slack && from <= to, "\(change)")
            #expect(change.seen >= start - slack, "\(change)")
        }
    }

    static let opens: [State] = [.closed, .synSent, .established]
    static let answers: [State] = [.listen, .synReceived, .established]

    static let cases: [Case] = [
        // RFC 7413: the data of the SYN is answered with the SYN,ACK, and the server may go on at once.
        Case(
            "fast open", [opens + [.finWait1, .finWait2, .timeWait]],
            [answers + [.closeWait, .lastAck, .closed]], .fastOpen
        ) {
            $0.client.syn {
                $0.payloadLength = 100
                $0.options.present = .fastOpen
                $0.options.fastOpenCookieLength = 8
            }
            $0.server.synAck()
            $0.server.send(500)
            $0.client.ack()
            $0.client.fin()
            $0.server.ack()
            $0.server.fin()
            $0.client.ack()
        },
        // RFC 4987, section 3.6: a SYN,ACK that is not repeated belongs to nothing.
        Case("SYN cookie that never comes back", [[.closed, .synSent]], []) {
            $0.client.syn()
            $0.server.synAck(after: nil, .lost)
            // Something else keeps the clock running.
            $0.client.retransmit(after: .seconds(1), .unseen)
            $0.wait(.seconds(5))
            $0.client.retransmit()
        },
        // RFC 9293, section 3.8.6.1: probes of a closed window move nothing.
        Case(
            "zero-window probes", [opens + [.finWait1, .finWait2, .timeWait]],
            [answers + [.closeWait, .lastAck, .closed]], .zeroWindow
        ) {
            $0.open()
            $0.client.send(1000)
            $0.server.ack { $0.window = 0 }
            for delay in [1, 2, 4] {
                $0.client.ack(after: .seconds(delay)) {
                    $0.sequenceNumber = $0.sequenceNumber - 1
                }
                $0.server.ack { $0.window = 0 }
            }
            $0.server.ack(after: .seconds(1))
            $0.client.send(500)
            $0.client.fin()
            $0.server.ack()
            $0.server.fin()
            $0.client.ack()
        },
        // Linux tcp_reset_check: the RST after a FIN may have the FIN's own number.
        Case(
            "RST with the FIN's own number in LAST_ACK",
            [opens + [.finWait1, .finWait2, .closed]], [answers + [.closeWait, .lastAck, .closed]]
        ) {
            $0.open()
            $0.client.fin()
            $0.server.ack()
            $0.server.fin(0, after: nil, .lost)
            $0.client.rstAck { $0.sequenceNumber = $0.sequenceNumber - 1 }
        },
        // RFC 5961, section 3: only the exact number resets; the other draws a challenge ACK.
        Case(
            "forged RST in the window from elsewhere", [opens], [answers], .invalidReset
        ) {
            $0.open()
            $0.server.send(10)
            $0.client.ack()
            $0.server.rst {
                $0.sequenceNumber = $0.sequenceNumber + 300
                $0.timeToLive = 33
            }
            $0.client.ack()
            $0.server.send(10)
            $0.client.ack()
        },
        // RFC 9293, section 3.10.7.4: a RST outside the window is dropped without an answer.
        Case("forged RST outside the window", [opens], [answers], .invalidReset) {
            $0.open()
            $0.server.send(10)
            $0.client.ack()
            $0.server.rst {
                $0.sequenceNumber = $0.sequenceNumber + 100_000_000
                $0.timeToLive = 33
            }
            $0.server.send(10)
            $0.client.ack()
        },
        // RFC 5961, section 4: a SYN in a synchronized state is answered by a challenge ACK.
        Case("forged SYN,ACK in an established connection", [opens], [answers]) {
            $0.open()
            $0.client.send(10)
            $0.server.ack()
            $0.server.synAck {
                $0.sequenceNumber = $0.sequenceNumber + 1000
                $0.timeToLive = 33
            }
            $0.client.ack { $0.acknowledgmentNumber = $0.acknowledgmentNumber - 1001 }
        },
        // RFC 9293, section 3.10.7.4: a FIN counts when everything before it has arrived.
        Case(
            "FIN before its data", [opens + [.finWait1, .finWait2]], [answers + [.closeWait]]
        ) {
            $0.open()
            let (early, _) = $0.client.send(1000, after: nil, .unseen)
            $0.client.fin()
            $0.server.ack { $0.acknowledgmentNumber = early.sequenceNumber }
            $0.client.segment([.ack, .psh], 1000) { $0.sequenceNumber = early.sequenceNumber }
            $0.server.ack()
        },
        // RFC 9293, section 3.5, figure 9: a host answers a segment of a connection it does not know.
        Case("server that has forgotten", [opens + [.closed]], [answers + [.closed]]) {
            $0.open()
            $0.client.send(10)
            $0.server.ack()
            $0.client.send(10, after: .seconds(60))
            $0.server.rst()
        },
        // RFC 9293, section 3.10.7.3: without an ACK of the SYN a RST refuses nothing.
        Case("RST in SYN_SENT that acknowledges nothing", [[.closed, .synSent]], []) {
            $0.client.syn()
            $0.server.rst { $0.timeToLive = 33 }
            $0.client.retransmit(after: .seconds(1))
        },

        // Captures that begin late.
        Case(
            "mid-stream, data first", [[.unknown, .established]], [[.unknown, .established]],
            .midStream
        ) {
            $0.client.send(100)
            $0.server.send(200)
            $0.client.ack()
        },
        Case(
            "mid-stream, FIN first, closed by both",
            [[.unknown, .established, .finWait1, .finWait2, .timeWait]],
            [[.unknown, .established, .closeWait, .lastAck, .closed]], .midStream
        ) {
            $0.client.fin()
            $0.server.ack(after: .milliseconds(40))
            $0.server.fin()
            $0.client.ack()
        },
        Case(
            "mid-stream, SYN,ACK first", [[.unknown, .synSent, .established]],
            [[.unknown, .synReceived, .established]], .midStream
        ) {
            $0.server.synAck()
            $0.client.ack()
            $0.client.send(100)
            $0.server.ack()
        },
        // Nothing was known of the receiver: so nothing is said of it.
        Case("mid-stream, RST first", [[.unknown, .closed]], [], .midStream) {
            $0.client.rstAck()
        },

        // One direction only: of the end that is not seen nothing is said but what must reach it.
        Case(
            "one direction, the client's", [opens + [.finWait1, .finWait2]],
            [answers + [.closeWait]]
        ) {
            $0.client.syn()
            $0.server.synAck(after: nil, .unseen)
            $0.client.ack()
            $0.client.send(100)
            $0.server.send(100, after: nil, .unseen)
            $0.client.fin()
        },
        Case(
            "one direction, the server's", [[.unknown, .synSent, .established, .closeWait]],
            [[.listen, .synReceived, .established, .finWait1, .finWait2]]
        ) {
            $0.client.syn(after: nil, .unseen)
            $0.server.synAck()
            $0.client.ack(after: nil, .unseen)
            $0.client.send(100, after: nil, .unseen)
            $0.server.send(100)
            $0.server.fin()
        },
    ]

    /// Linux 6.18 on the loopback: RFC 9293, section 3.5, figure 7, with both roles in one socket, and
    /// a FIN that is received before it is acknowledged.
    @Test(arguments: [1, 2])
    func `a connection to itself has one endpoint`(copies: Int) {
        let host = Address(ipv4: 0x7f00_0001)
        let talk = Conversation(
            clientAddress: host, clientPort: 5000, serverAddress: host, serverPort: 5000)
        let lines: [(TCPFlags, UInt32, UInt32, UInt32)] = [
            (.syn, 0, 0, 0), ([.syn, .ack], 0, 1, 0), (.ack, 1, 1, 0), ([.psh, .ack], 1, 1, 10),
            (.ack, 11, 11, 0), ([.fin, .ack], 11, 11, 0), (.ack, 12, 12, 0),
        ]
        for (flags, sequence, acknowledgment, count) in lines {
            talk.client.segment(flags, count) {
                $0.sequenceNumber = SequenceNumber(3_680_885_236 + sequence)
                $0.acknowledgmentNumber = SequenceNumber(
                    flags.contains(.ack) ? 3_680_885_236 + acknowledgment : 0)
            }
        }
        let frames = talk.frames.flatMap { frame in
            (0..<copies).map { (bytes: frame.bytes, time: frame.time + Int64($0) * 10_000) }
        }
        let observed = Observed(frames)
        #expect(
            observed.paths(.low) == [
                [.closed, .synSent, .synReceived, .established, .finWait1, .closing, .timeWait]
            ])
        #expect(observed.paths(.high) == [])
        #expect(observed.connections[0].anomalies.contains(.selfConnect))
    }
}
