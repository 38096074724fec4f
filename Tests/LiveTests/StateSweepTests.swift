import Diagnosis
import TCPState
import TestKit
import Testing
import Tracking
import Wire

@testable import Live

/// How much of the time it takes to look at all connections.
struct StateSweepTests {
    /// So many connections that are open.
    private static func opened(_ count: Int) -> Tracker<LiveObserver> {
        var tracker = Tracker(
            observer: LiveObserver(local: [], .standard, wantsTransitions: false),
            profile: .linux, maximumConnections: 1 << 20)
        var frame: UInt64 = 0
        for number in 0..<count {
            let talk = Conversation(
                clientPort: UInt16(1_024 + number),
                start: Timestamp(nanoseconds: 1_700_000_000_000_000_000))
            talk.open()
            for (bytes, time) in talk.frames {
                frame += 1
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: frame)
            }
        }
        return tracker
    }

    /// One connection takes a microsecond to look at; a loop over packets comes by every 100 µs.
    @Test(arguments: [false, true])
    func `A round takes an eighth of the time, between any two looks where packets wait`(
        isIdle: Bool
    ) {
        let count = 20_000
        var tracker = Self.opened(count)
        let host = FakeHost()
        var sweep = StateSweep(local: [], host)
        var rounds: [(begun: Timestamp, end: Timestamp)] = []
        var begun: Timestamp?
        let start = host.now
        while host.now - start < .seconds(2) {
            let now = host.now
            if sweep.isDue(now, isIdle: isIdle) {
                begun = begun ?? now
                let isComplete = sweep.advance(&tracker, at: now, now) { _ in
                    host.pause(1_000)
                }
                let took = host.now - now
                #expect(took < .milliseconds(10))
                if isComplete, let first = begun {
                    #expect(sweep.counts.connections == count)
                    rounds.append((first, host.now))
                    begun = nil
                } else if !isIdle {
                    // Packets have their turn.
                    #expect(!sweep.isDue(host.now + 6 * took, isIdle: false))
                    #expect(sweep.isDue(host.now + 8 * took, isIdle: false))
                }
            }
            host.pause(100_000)
        }
        #expect(rounds.count >= 9)
        for (one, next) in zip(rounds, rounds.dropFirst()) {
            #expect(next.begun - one.begun >= .milliseconds(200))
        }
        let taken = rounds.map { $0.end - $0.begun }
        for span in taken {
            #expect(isIdle ? span < .milliseconds(30) : span > .milliseconds(100))
        }
    }
}
