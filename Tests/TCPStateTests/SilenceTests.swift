import TCPState
import TestKit
import Testing
import Wire

/// An end that repeats itself goes on until it is answered or gives up: where the next repetition is
/// missing, it is gone. Linux 6.18: 220 of 220 sockets that missed theirs were.
@Suite struct SilenceTests {
    static let second: TimeSpan = .seconds(1)

    /// Shows a conversation and lets `wait` pass after it.
    func watch(_ wait: Duration, _ speak: (Conversation) -> Void) -> Watch {
        let talk = Conversation()
        speak(talk)
        let watch = Watch(talk)
        talk.wait(wait)
        watch.advance(to: talk.now)
        return watch
    }

    @Test func `a SYN that is not repeated a third time was given up`() {
        let speak: (Conversation) -> Void = {
            $0.client.syn(after: nil, .lost)
            $0.client.retransmit(after: .seconds(1), .lost)
            $0.client.retransmit(after: .seconds(1), .lost)
        }
        #expect(watch(.milliseconds(2600), speak).states[0] == .synSent)
        let gone = watch(.milliseconds(2800), speak)
        #expect(gone.states[0] == .closed)
        #expect(gone.last?.grade == .assumed)
        #expect(gone.last?.timer == .synRetries)
        // When the next one was due.
        let due = gone.talk.segments[2].time + 2 * Self.second
        #expect((gone.last!.seen - due).magnitude < 5_000_000)
    }

    @Test func `a single SYN may be repeated yet`() {
        #expect(watch(.seconds(100)) { $0.client.syn(after: nil, .lost) }.states[0] == .synSent)
    }

    @Test func `a FIN that is not repeated any more was given up`() {
        let gone = watch(.seconds(2)) {
            $0.open()
            $0.client.fin(after: nil, .lost)
            $0.client.retransmit(after: .milliseconds(200), .lost)
            $0.client.retransmit(after: .milliseconds(400), .lost)
        }
        #expect(gone.states[0] == .closed)
        #expect(gone.last?.timer == .orphanRetries)
    }

    @Test func `data that are not repeated any more`() {
        let gone = watch(.seconds(2)) {
            $0.open()
            $0.client.send(100, after: nil, .lost)
            $0.client.retransmit(after: .milliseconds(200), .lost)
            $0.client.retransmit(after: .milliseconds(400), .lost)
        }
        #expect(gone.states == [.closed, .established])
        #expect(gone.last?.timer == .dataRetries)
    }

    @Test func `keepalive probes that stop for two intervals`() {
        let gone = watch(.seconds(30)) {
            $0.open()
            for _ in 0..<3 { $0.client.keepAlive(after: .seconds(10), .lost) }
        }
        #expect(gone.states == [.closed, .established])
        #expect(gone.last?.timer == .keepalive)
    }

    @Test func `an end that is answered is not gone`() {
        let watch = watch(.seconds(60)) {
            $0.open()
            $0.client.send(100, after: nil, .lost)
            $0.client.retransmit(after: .milliseconds(200))
            $0.server.ack()
        }
        #expect(watch.states == [.established, .established])
    }

    /// A repetition on a long way may die before the tap: one that is missing is not enough.
    @Test func `far from the tap it takes two`() {
        let speak: (Conversation) -> Void = {
            $0.client.syn()
            $0.server.synAck()
            $0.client.ack(after: .milliseconds(50))
            $0.client.send(100, after: nil, .lost)
            $0.client.retransmit(after: .milliseconds(400), .lost)
            $0.client.retransmit(after: .milliseconds(800), .lost)
        }
        #expect(watch(.milliseconds(3000), speak).states[0] == .established)
        #expect(watch(.milliseconds(6000), speak).states[0] == .closed)
    }

    /// RFC 9293, section 3.10.7.4: the FIN arrived when a copy of it went past, not when the answer came.
    @Test func `what is proved late happened when a copy went past`() {
        let talk = Conversation()
        talk.open()
        talk.client.send(100, after: .milliseconds(10))
        talk.server.ack(after: .milliseconds(10))
        talk.client.fin(after: .milliseconds(10))
        let last = talk.client.retransmit(after: .milliseconds(200)).time
        talk.server.send(100, after: .seconds(7))
        let watch = Watch(talk)
        let receipt = watch.ledger.standing.first { $0.event == .receivedFIN }!
        #expect(receipt.grade == .proved)
        #expect((receipt.time(delay: 0) - last).magnitude < 2_000_000)
        #expect(receipt.notAfter! - last < 200_000_000)
    }
}
