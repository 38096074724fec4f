import TCPState
import TestKit
import Testing
import Wire

/// What no packet shows: the timers, by the values that each stack documents.
///
/// In these conversations the client answers at once, as where the tap is at the client; so the
/// client's transitions happen at the times of its packets.
@Suite struct TimerTests {
    /// A profile with the seconds that its stack documents; nil where no timer ends the state.
    struct Stack: CustomTestStringConvertible, Sendable {
        let profile: StackProfile
        /// TIME-WAIT. Linux: `TCP_TIMEWAIT_LEN` 60 s, measured 60.1 to 62.0. RFC 9293, section 3.4.2:
        /// twice 120 s. FreeBSD: `net.inet.tcp.msl` 30 s. Windows: `TcpTimedWaitDelay` 120 s.
        let timeWait: Int64
        /// An orphan in FIN-WAIT-2. Linux: `tcp_fin_timeout`. FreeBSD: `finwait2_timeout`.
        let finWait2: Int64?
        /// Linux: `tcp_syn_retries` 6 after `tcp_syn_linear_timeouts` 4: 5 × 1 + 2 + 4 + … + 64.
        /// RFC 9293, section 3.8.3: 180 s. FreeBSD: `keepinit` 75 s. Windows: 3 + 6 + 12.
        let synSent: Int64
        /// Linux: `tcp_synack_retries` 5: 1 + 2 + 4 + … + 32.
        let synReceived: Int64

        var testDescription: String { profile.name }
    }

    static let stacks = [
        Stack(profile: .linux, timeWait: 61, finWait2: 60, synSent: 131, synReceived: 63),
        Stack(profile: .rfc, timeWait: 240, finWait2: nil, synSent: 180, synReceived: 180),
        Stack(profile: .bsd, timeWait: 60, finWait2: 60, synSent: 75, synReceived: 75),
        Stack(profile: .windows, timeWait: 120, finWait2: 120, synSent: 21, synReceived: 21),
    ]

    static let second: TimeSpan = .seconds(1)
    static let year = 365 * 86_400 * second

    /// Shows that exactly one timer fires, at `start` plus `seconds`, and not a nanosecond earlier.
    func expect(
        _ watch: Watch, closes side: TCPState.Side, _ timer: TimerName, from start: Timestamp,
        after seconds: Int64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let watch = watch
        let before = watch.ledger.standing.count
        let deadline = start + seconds * Self.second
        watch.advance(to: deadline - 1)
        #expect(watch.ledger.standing.count == before, "too early", sourceLocation: sourceLocation)
        watch.advance(to: deadline)
        #expect(
            watch.ledger.standing.count == before + 1, "not at its time",
            sourceLocation: sourceLocation)
        let last = watch.last
        #expect(last?.side == side, sourceLocation: sourceLocation)
        #expect(last?.to == .closed, sourceLocation: sourceLocation)
        #expect(last?.event == .timedOut, sourceLocation: sourceLocation)
        #expect(last?.grade == .assumed, sourceLocation: sourceLocation)
        #expect(last?.timer == timer, sourceLocation: sourceLocation)
        #expect(last?.seen == deadline, sourceLocation: sourceLocation)
    }

    /// An open connection whose client answers at once and whose server takes 10 ms.
    func open(serverDelay: Duration = .milliseconds(10)) -> Conversation {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck(after: serverDelay)
        talk.client.ack(after: .zero)
        talk.client.send(100, after: .zero)
        talk.server.send(100, after: serverDelay)
        talk.client.ack(after: .zero)
        return talk
    }

    @Test(arguments: stacks)
    func `TIME-WAIT ends after 2MSL`(stack: Stack) {
        let talk = open()
        talk.client.fin()
        talk.server.fin(after: .milliseconds(10))
        let entered = talk.now
        talk.client.ack(after: .zero)
        let watch = Watch(talk, profile: stack.profile)
        #expect(watch.states == [.timeWait, .closed])
        expect(watch, closes: .low, .timeWait, from: entered, after: stack.timeWait)
        watch.advance(to: entered + Self.year)
        #expect(watch.states == [.closed, .closed])
        #expect(watch.nextDeadline == nil)
    }

    @Test func `the end of Linux's TIME-WAIT has a bracket of a second either way`() {
        let talk = open()
        talk.client.fin()
        talk.server.fin(after: .milliseconds(10))
        let entered = talk.now
        talk.client.ack(after: .zero)
        let watch = Watch(talk)
        watch.advance(to: entered + 62 * Self.second)
        #expect(watch.last?.notBefore == entered + 60 * Self.second)
        #expect(watch.last?.notAfter == entered + 62 * Self.second)
    }

    @Test(arguments: stacks)
    func `FIN-WAIT-2 of an orphan ends`(stack: Stack) {
        let talk = open()
        talk.client.fin()
        talk.server.ack(after: .milliseconds(10))
        let entered = talk.now
        let watch = Watch(talk, profile: stack.profile)
        #expect(watch.states == [.finWait2, .closeWait])
        if let seconds = stack.finWait2 {
            expect(watch, closes: .low, .finWait2, from: entered, after: seconds)
            watch.advance(to: entered + Self.year)
            #expect(watch.states == [.closed, .closeWait])
        } else {
            watch.advance(to: entered + Self.year)
            #expect(watch.states == [.finWait2, .closeWait])
        }
    }

    @Test func `FIN-WAIT-2 of a program that still reads has no end`() {
        let talk = open()
        talk.client.fin()
        talk.server.ack(after: .milliseconds(10))
        talk.server.send(100)
        talk.client.ack(after: .zero)
        talk.server.send(100)
        talk.client.ack(after: .zero)
        let watch = Watch(talk)
        watch.advance(to: talk.now + Self.year)
        #expect(watch.states == [.finWait2, .closeWait])
    }

    @Test(arguments: stacks)
    func `an unanswered SYN is given up`(stack: Stack) {
        let talk = Conversation()
        let (_, start) = talk.client.syn()
        talk.client.backOff(from: .seconds(1), for: stack.synSent)
        let watch = Watch(talk, profile: stack.profile)
        #expect(watch.states[0] == .synSent)
        expect(watch, closes: .low, .synRetries, from: start, after: stack.synSent)
    }

    @Test(arguments: stacks)
    func `an unanswered SYN-ACK is given up`(stack: Stack) {
        let talk = Conversation()
        talk.client.syn()
        let (_, start) = talk.server.synAck(after: .zero, .lost)
        talk.server.backOff(from: .seconds(1), for: stack.synReceived)
        let watch = Watch(talk, profile: stack.profile)
        #expect(watch.states == [.synSent, .synReceived])
        let deadline = start + stack.synReceived * Self.second
        watch.advance(to: deadline - 1)
        #expect(watch.states[1] == .synReceived)
        watch.advance(to: deadline)
        let closing = watch.ledger.standing.first { $0.side == .high && $0.to == .closed }
        #expect(closing?.timer == .synAckRetries)
        #expect(closing?.grade == .assumed)
        #expect(closing?.seen == deadline)
    }

    @Test func `a FIN that nobody acknowledges is given up`() {
        let talk = open()
        talk.client.fin(after: nil, .lost)
        talk.client.backOff(from: .milliseconds(200), for: 102)
        let start = talk.segments[6].time
        let watch = Watch(talk)
        #expect(watch.states[0] == .finWait1)
        // Linux: tcp_orphan_retries 0 means 8 retries of a live peer: 0.2 s doubled nine times.
        watch.advance(to: start + 102_200_000_000 - 1)
        #expect(watch.states[0] == .finWait1)
        watch.advance(to: start + 102_200_000_000)
        #expect(watch.last?.timer == .orphanRetries)
        #expect(watch.last?.from == .finWait1)
    }

    @Test func `data that nobody acknowledges is given up`() {
        let talk = open()
        let (_, start) = talk.client.send(100, after: nil, .lost)
        talk.client.backOff(from: .milliseconds(200), for: 924)
        let watch = Watch(talk)
        // Linux, ip-sysctl: tcp_retries2 15 is 924.6 s with the smallest timeout.
        watch.advance(to: start + 924_600_000_000 - 1)
        #expect(watch.states == [.established, .established])
        watch.advance(to: start + 924_600_000_000)
        #expect(watch.states == [.closed, .established])
        #expect(watch.last?.timer == .dataRetries)
        #expect(watch.last?.grade == .assumed)
    }

    @Test func `nothing ends CLOSE-WAIT`() {
        let talk = open()
        talk.server.fin()
        talk.client.ack(after: .zero)
        let watch = Watch(talk)
        watch.advance(to: talk.now + 10 * Self.year)
        #expect(watch.states[0] == .closeWait)
    }

    @Test(arguments: stacks)
    func `nothing ends an idle ESTABLISHED`(stack: Stack) {
        let talk = open()
        let watch = Watch(talk, profile: stack.profile)
        #expect(watch.nextDeadline == nil)
        let count = watch.ledger.standing.count
        watch.advance(to: talk.now + 10 * Self.year)
        #expect(watch.states == [.established, .established])
        #expect(watch.ledger.standing.count == count)
    }

    @Test func `a timer can be overridden`() {
        var profile = StackProfile.linux
        profile.timeWait = 5 * Self.second
        let talk = open()
        talk.client.fin()
        talk.server.fin(after: .milliseconds(10))
        let entered = talk.now
        talk.client.ack(after: .zero)
        expect(Watch(talk, profile: profile), closes: .low, .timeWait, from: entered, after: 5)
    }

    @Test func `timers that ran out long ago fire at their own time`() {
        let talk = open()
        talk.client.fin()
        talk.server.ack(after: .milliseconds(10))
        let entered = talk.now
        let watch = Watch(talk)
        watch.advance(to: entered + 10 * Self.year)
        #expect(watch.last?.seen == entered + 60 * Self.second)
    }
}

extension Talker {
    /// Repeats the latest segment, each time after twice the time before but two minutes at most (RFC 6298,
    /// section 5.5; Linux: `TCP_RTO_MAX`), as often as fits into so many seconds after it.
    fileprivate func backOff(from first: Duration, for seconds: Int64) {
        var pause = first
        var left = Duration.seconds(seconds)
        while pause < left {
            retransmit(after: pause, .lost)
            left -= pause
            pause = min(pause * 2, .seconds(120))
        }
    }
}
