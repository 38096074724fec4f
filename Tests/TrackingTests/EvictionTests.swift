import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// What happens when more connections come than may be kept.
@Suite struct EvictionTests {
    typealias Life = @Sendable (Conversation) -> Void

    /// One connection from a port of its own, as far as it is to go.
    func talk(
        _ port: Int, from start: Timestamp, _ body: Life
    ) -> [(bytes: [UInt8], time: Timestamp)] {
        let talk = Conversation(clientPort: UInt16(port), start: start)
        body(talk)
        return talk.frames
    }

    func frames(
        _ bodies: [Life]
    ) -> [(bytes: [UInt8], time: Timestamp)] {
        bodies.enumerated().flatMap { index, body in
            talk(
                10_000 + index,
                from: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(index) * 20_000_000),
                body)
        }
    }

    let open: Life = {
        $0.open()
        $0.client.send(10)
        $0.server.ack()
    }

    let halfOpen: Life = { $0.client.syn() }

    let closed: Life = {
        $0.open()
        $0.client.rstAck()
    }

    @Test func `closed ones go first`() {
        let kept: [Life] = (0..<5).flatMap { _ in [open, halfOpen, closed] }
        let observed = Observed(
            frames(kept + Array(repeating: open, count: 5)), maximumConnections: 15)
        #expect(observed.counts.evictions.closed == 5)
        #expect(observed.counts.evictions.halfOpen == 0)
        #expect(observed.counts.evictions.open == 0)
    }

    @Test func `then half-open ones, then the others`() {
        let kept: [Life] = (0..<5).flatMap { _ in [open, halfOpen, closed] }
        let observed = Observed(
            frames(kept + Array(repeating: open, count: 12)), maximumConnections: 15)
        #expect(observed.counts.evictions.closed == 5)
        #expect(observed.counts.evictions.halfOpen == 5)
        #expect(observed.counts.evictions.open == 2)
    }

    @Test func `a port used again in a full table takes the place of its own earlier use`() {
        let observed = Observed(
            frames([
                {
                    $0.open()
                    $0.client.rstAck()
                    $0.restart(clientISS: 77_000, serverISS: 88_000)
                    $0.open()
                }
            ]), maximumConnections: 1)
        #expect(observed.counts.connections == 2)
        #expect(observed.counts.evictions.closed == 1)
        #expect(observed.departures.last?.record.connection.client.state == .established)
    }

    @Test func `a flood of SYNs evicts itself`() {
        let kept: [Life] = Array(repeating: open, count: 8)
        let observed = Observed(
            frames(kept + Array(repeating: halfOpen, count: 500)), maximumConnections: 20)
        #expect(observed.counts.evictions.halfOpen == 488)
        #expect(observed.counts.evictions.total == 488)
        let established = observed.departures.filter {
            $0.reason == .captureEnd && $0.record.connection.client.state == .established
        }
        #expect(established.count == 8)
    }

    @Test(arguments: [1, 2, 7, 50, 99, 100, 1000])
    func `every connection departs once and the numbers add up`(limit: Int) {
        let bodies: [Life] = (0..<100).map { [open, halfOpen, closed][$0 % 3] }
        let observed = Observed(frames(bodies), maximumConnections: limit)
        #expect(observed.counts.connections == 100)
        #expect(observed.departures.count == 100)
        #expect(Set(observed.departures.map(\.record.connection.serial)).count == 100)
        let evicted = observed.departures.count { $0.reason == .evicted }
        #expect(evicted == max(0, 100 - limit))
        #expect(observed.counts.evictions.total == UInt64(evicted))
        #expect(
            observed.counts.frames == observed.counts.segments + observed.counts.totalSetAside)
    }

    @Test func `what was evicted keeps its history`() {
        let observed = Observed(
            frames(Array(repeating: closed, count: 30)), maximumConnections: 2)
        #expect(observed.paths(.low).count == 30)
        #expect(
            observed.paths(.low).allSatisfy {
                $0 == [.closed, .synSent, .established, .closed]
            })
    }

    @Test func `a limit that makes room for all gives the same as none`() {
        let bodies: [Life] = (0..<60).map { [open, halfOpen, closed][$0 % 3] }
        let lines = [60, 1_000_000].map { limit in
            Observed(frames(bodies), maximumConnections: limit).history.timeline()
                .map { "\($0)" }
        }
        #expect(lines[0] == lines[1])
    }
}
