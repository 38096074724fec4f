import TCPState
import TestKit
import Testing
import Wire

@testable import Comparison

/// Hand-made connections past two taps: what is matched, and what is said of each segment.
struct PathTests {
    /// A handshake and a request that arrive.
    private func opened(_ taps: inout TwoTaps, _ talk: Conversation) {
        talk.step = .milliseconds(30)
        taps.fromClient(talk.client.syn())
        taps.fromServer(talk.server.synAck())
        taps.fromClient(talk.client.ack())
        taps.fromClient(talk.client.send(100), payload: [UInt8](repeating: 7, count: 100))
        taps.fromServer(talk.server.send(200), payload: [UInt8](repeating: 9, count: 200))
    }

    private func close(_ taps: inout TwoTaps, _ talk: Conversation) {
        taps.fromClient(talk.client.fin())
        taps.fromServer(talk.server.fin())
        taps.fromClient(talk.client.ack())
    }

    @Test func `what arrives is proved by both frames, and the clocks' offset by its bounds`()
        throws
    {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        close(&taps, talk)
        let comparison = taps.compared
        let pair = comparison.pairs[0]
        #expect(pair.matches.map(\.kind) == [.same])
        #expect(pair.fateCounts(isOutward: true)[.arrived] == 5)
        #expect(pair.fateCounts(isOutward: false)[.arrived] == 3)
        let piece = try #require(pair.clock.pieces.first)
        let margin = try #require(piece.margin)
        #expect((piece.offset - taps.offset).magnitude <= margin)
        let verdict = try #require(taps.verdicts.first)
        #expect(verdict.kind == .closed)
        #expect(verdict.sender == .client)
        #expect(verdict.grade == .proved)
        #expect(verdict.evidence.map(\.tap) == [0, 1])
    }

    @Test func `a RST that one tap never saw was made between them`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        taps.fromServer(talk.server.rst { $0.timeToLive = 255 }, .isMade)
        taps.fromClient(talk.client.send(10))
        taps.fromServer(talk.server.send(10))
        let made = TwoTapsResets(taps.verdicts)
        #expect(made.first?.kind == .resetBetween)
        // It was lost to the far tap only in this direction: the near one has it.
        #expect(made.first?.sender == .server)
    }

    /// Linux 6.8, `tcp_v4_rcv`, `no_tcp_socket`: a late copy of an acknowledgment meets no socket.
    @Test(arguments: [true, false])
    func `a RST that answers a late segment after both FINs is not how the connection ended`(
        isClosed: Bool
    ) {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        taps.fromClient(talk.client.fin())
        if isClosed { taps.fromServer(talk.server.fin()) }
        taps.fromClient(talk.client.ack())
        taps.fromClient(talk.client.ack())
        taps.fromServer(talk.server.rst())
        #expect(taps.verdicts.first?.kind == (isClosed ? .closed : .resetArrived))
    }

    @Test func `a FIN that never arrives was dropped between the taps`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        taps.fromClient(talk.client.fin(0, .lost), .isLost)
        taps.fromClient(talk.client.retransmit(after: .seconds(1), .lost), .isLost)
        taps.fromServer(talk.server.send(10))
        let verdict = try #require(taps.verdicts.first { $0.kind == .finLost })
        #expect(verdict.count == 2)
        #expect(verdict.gap?.from == 0)
        #expect(verdict.gap?.to == 1)
        #expect(verdict.grade != .proved)
    }

    @Test func `a translated connection is found by its numbers`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        let (inside, outside) = (Address(ipv4: 0x0a00_0001), Address(ipv4: 0xc000_0201))
        func out(_ segment: inout Segment) {
            segment.source = outside
            segment.sourcePort = 61_000
        }
        func back(_ segment: inout Segment) {
            segment.destination = outside
            segment.destinationPort = 61_000
        }
        talk.step = .milliseconds(30)
        taps.fromClient(talk.client.syn(), change: out)
        taps.fromServer(talk.server.synAck(), change: back)
        taps.fromClient(talk.client.ack(), change: out)
        taps.fromClient(talk.client.send(50), change: out)
        taps.fromServer(talk.server.rstAck(), change: back)
        let comparison = taps.compared
        #expect(comparison.pairs[0].matches.map(\.kind) == [.translated])
        let path = try #require(comparison.paths.first)
        #expect(path.end(.client, at: 0, comparison.taps)?.address == inside)
        #expect(path.end(.client, at: 1, comparison.taps)?.address == outside)
        let verdict = try #require(taps.verdicts.first)
        #expect(verdict.kind == .resetArrived)
        #expect(verdict.sender == .server)
        #expect(verdict.grade == .proved)
    }

    @Test func `a box that lowers the MSS and shifts numbers is told`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        let shift: UInt32 = 0x8000_1234
        func out(_ segment: inout Segment) {
            segment.sequenceNumber = segment.sequenceNumber + shift
            if segment.flags.contains(.syn) { segment.options.maximumSegmentSize = 1360 }
        }
        func back(_ segment: inout Segment) {
            segment.acknowledgmentNumber = segment.acknowledgmentNumber + shift
        }
        talk.step = .milliseconds(30)
        taps.fromClient(
            talk.client.syn {
                $0.options.present = .maximumSegmentSize
                $0.options.maximumSegmentSize = 1460
            }, change: out)
        taps.fromServer(talk.server.synAck(), change: back)
        taps.fromClient(talk.client.ack(), change: out)
        taps.fromClient(talk.client.send(50), change: out)
        taps.fromServer(talk.server.ack(), change: back)
        let comparison = taps.compared
        let match = try #require(comparison.pairs[0].matches.first)
        #expect(match.rewritesSequenceNumbers)
        #expect(comparison.pairs[0].fateCounts(isOutward: true)[.arrived] == 3)
        let verdict = try #require(taps.verdicts.first { $0.kind == .altered })
        let changes = Dictionary(
            uniqueKeysWithValues: verdict.changes.map { ($0.field, [$0.before, $0.after]) })
        #expect(changes["mss"] == [1460, 1360])
        #expect(changes["sequence-numbers"] == [1000, 1000 &+ shift])
    }

    /// Linux 6.8, `nf_synproxy_core.c`, `synproxy_send_client_synack`: the window is 0 until the server has answered.
    @Test func `a SYN,ACK with another window than the server's is a box's own`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        let shift: UInt32 = 0x8000_1234
        func back(_ segment: inout Segment) {
            segment.sequenceNumber = segment.sequenceNumber + shift
            segment.options.timestampValue = segment.options.timestampValue &+ shift
        }
        func stamped(_ segment: inout Segment) {
            segment.options.present.insert(.timestamps)
            segment.options.timestampValue = 7000
        }
        talk.step = .milliseconds(1)
        taps.fromClient(talk.client.syn(), .isMade)
        taps.fromServer(
            talk.server.synAck {
                stamped(&$0)
                $0.window = 0
            }, .isMade)
        taps.fromServer(talk.server.retransmit { stamped(&$0) }, .isLost, change: back)
        taps.fromServer(talk.server.retransmit(after: .seconds(1)) { stamped(&$0) }, change: back)
        talk.step = .milliseconds(30)
        func out(_ segment: inout Segment) {
            segment.acknowledgmentNumber = segment.acknowledgmentNumber + shift
        }
        taps.fromClient(talk.client.ack(), change: out)
        taps.fromClient(talk.client.send(50), change: out)
        taps.fromServer(talk.server.send(20) { stamped(&$0) }, change: back)
        let made = try #require(taps.verdicts.first { $0.kind == .answeredBetween })
        #expect(made.sender == .server)
        #expect(made.count == 1)
    }

    @Test func `what had no room at a tap is not taken for lost`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        // Five segments, and as much room as four for their connection.
        taps.farLimit = 9
        for _ in 0..<3 { taps.fromClient(talk.client.send(10)) }
        let pair = taps.compared.pairs[0]
        #expect(pair.far.counts.leftOut == 3)
        let fateCounts = pair.fateCounts(isOutward: true)
        #expect(fateCounts[.arrived] == 3)
        #expect(fateCounts[.lost] == 0)
        #expect(fateCounts[.notCovered] == 3)
    }

    /// The first capture ends before the second one begins: one has a segment that was lost, the other one its
    /// repetition.
    @Test func `captures one after the other tell nothing of the path between them`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        talk.step = .milliseconds(30)
        taps.fromClient(talk.client.syn(), .isLost)
        taps.fromServer(talk.server.synAck(), .isMade)
        taps.fromClient(talk.client.ack(), .isLost)
        for _ in 0..<3 {
            taps.fromClient(talk.client.send(10), .isLost)
            taps.fromServer(talk.server.send(20), .isMade)
        }
        func stamped(_ value: UInt32) -> Talker.Change {
            {
                $0.options.present.insert(.timestamps)
                $0.options.timestampValue = value
            }
        }
        taps.fromClient(talk.client.send(50, .lost, stamped(100)), .isLost)
        taps.fromClient(
            talk.client.retransmit(after: .seconds(5), .through, stamped(5100)), .isMade)
        for _ in 0..<3 {
            taps.fromClient(talk.client.send(10), .isMade)
            taps.fromServer(talk.server.send(20), .isLost)
        }
        taps.fromClient(talk.client.fin(), .isMade)
        taps.fromServer(talk.server.fin(), .isLost)
        taps.fromClient(talk.client.ack(), .isMade)
        let pair = taps.compared.pairs[0]
        #expect(pair.matches.count == 1)
        for isOutward in [true, false] {
            let fateCounts = pair.fateCounts(isOutward: isOutward)
            #expect(fateCounts[.notCovered] > 7)
            #expect(fateCounts[.lost] + fateCounts[.injected] + fateCounts[.arrived] == 0)
        }
        #expect(taps.verdicts.map(\.kind) == [.closed])
    }

    @Test func `segments are kept by end, and told in the order of the capture`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        close(&taps, talk)
        let tap = taps.compared.taps[0]
        let frames = tap.segments(of: 0).map { tap.segments[$0].frame }
        #expect(frames == Array(1...8))
        for side in Side.allCases {
            #expect(tap.sent(by: side, of: 0).allSatisfy { tap.segments[$0].side == side })
        }
    }

    @Test func `of an end the nearest tap tells, of what was lost no tap behind it`() throws {
        var taps = TwoTaps()
        let talk = Conversation()
        opened(&taps, talk)
        let comparison = taps.compared
        let path = try #require(comparison.paths.first)
        for tap in [0, 1] {
            #expect(path.nearestTap(to: .client, from: tap, comparison) == 0)
            #expect(path.nearestTap(to: .server, from: tap, comparison) == 1)
        }
    }

    @Test func `connections of other hosts are matched with none`() {
        var taps = TwoTaps()
        let talk = Conversation()
        talk.step = .milliseconds(30)
        taps.fromClient(talk.client.syn(), .isLost)
        let other = Conversation(clientISS: 77, serverISS: 88)
        taps.fromClient(other.client.syn(), .isMade)
        #expect(taps.compared.isUnrelated)
    }
}

/// The verdicts about RSTs.
private func TwoTapsResets(_ verdicts: [PathVerdict]) -> [PathVerdict] {
    verdicts.filter { [.resetBetween, .resetArrived, .resetLost].contains($0.kind) }
}
