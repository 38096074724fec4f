import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// While no packet comes, states change when the kernel's timers end them: at most one tick of the wheel,
/// a quarter of a second, later.
@Suite struct TimersOnTimeTests {
    /// Runs a conversation of a few milliseconds, then ticks five times a second. Returns the second at
    /// which its client and its server were first found in each state.
    static func seconds(_ body: (Conversation) -> Void) -> (
        client: [State: Double], server: [State: Double]
    ) {
        let talk = Conversation()
        body(talk)
        var tracker = Tracker(
            observer: RecordingObserver(), profile: .linux, maximumConnections: 1_000)
        for (index, (bytes, time)) in talk.frames.enumerated() {
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
        var client: [State: Double] = [:]
        var server: [State: Double] = [:]
        for tick in 0...1000 as ClosedRange<Int64> {
            tracker.tick(to: talk.now + tick * 200_000_000)
            let second = Double(tick) / 5
            tracker.look { record in
                let connection = record.connection
                if client[connection.client.state] == nil {
                    client[connection.client.state] = second
                }
                if server[connection.server.state] == nil {
                    server[connection.server.state] = second
                }
            }
        }
        return (client, server)
    }

    @Test func `an unanswered SYN is given up after 131 s`() throws {
        let seconds = try #require(Self.seconds { $0.client.syn() }.client[.closed])
        #expect((130.9...131.5).contains(seconds))
    }

    /// The next repetition was due 1.8 s after the last.
    @Test
    func `a SYN,ACK that is not repeated any more is given up before the next second is over`()
        throws
    {
        let seen = Self.seconds {
            $0.client.syn()
            $0.server.synAck()
            $0.wait(.milliseconds(900))
            $0.server.retransmit()
        }
        let seconds = try #require(seen.server[.closed])
        #expect((1.8...3.6).contains(seconds))
    }

    /// A kernel's timer wheel is coarse: each repetition comes later than twice the time before, by up to an eighth, and
    /// the last one is waited for as long again (Linux 6.8, `reqsk_timer_handler`).
    @Test func `a server waits for the answer to its last SYN,ACK`() throws {
        let seen = Self.seconds {
            $0.client.syn()
            $0.server.synAck()
            for pause in [1_020, 2_060, 4_200, 8_400, 18_000] {
                $0.wait(.milliseconds(pause))
                $0.server.retransmit()
            }
        }
        let seconds = try #require(seen.server[.closed])
        #expect((32.0...34.2).contains(seconds))
    }

    @Test func `FIN_WAIT2 of an orphan ends after 60 s`() throws {
        let seen = Self.seconds {
            $0.open()
            $0.client.fin()
            $0.server.ack()
        }
        let seconds = try #require(seen.client[.closed])
        #expect((59.9...60.5).contains(seconds))
        #expect(seen.server[.lastAck] == nil)
    }

    @Test func `TIME_WAIT ends after 61 s`() throws {
        let seen = Self.seconds {
            $0.open()
            $0.client.fin()
            $0.server.fin()
            $0.client.ack()
        }
        let seconds = try #require(seen.client[.closed])
        #expect((60.9...61.5).contains(seconds))
    }

    @Test func `a FIN that nobody acknowledges is not received: that is known after a second`()
        throws
    {
        let seen = Self.seconds {
            $0.open()
            $0.client.fin()
        }
        // Linux acknowledges a FIN at once; at the tap it may have been lost since.
        #expect(seen.server[.closeWait] == 0)
        let seconds = try #require(seen.server[.established])
        #expect((0.9...1.5).contains(seconds))
    }
}
