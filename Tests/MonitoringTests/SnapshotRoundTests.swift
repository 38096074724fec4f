import Diagnosis
import Monitoring
import TCPState
import TestKit
import Testing
import Wire

@Suite struct SnapshotRoundTests {
    /// One of many connections of one service, without trouble.
    private func record(_ port: UInt16) -> ConnectionRecord {
        let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), port))
        talk.open()
        return talk.record!
    }

    @Test func `services are counted from their first stuck connection on`() throws {
        let record = record(40_000)
        let time = record.connection.lastSeen
        var states = ServiceStates(limit: 1)
        states.count(record, stuckSince: nil)
        #expect(states.ordered.isEmpty)
        states.count(record, stuckSince: time + .seconds(2))
        states.count(record, stuckSince: time)
        states.count(record, stuckSince: nil)
        let found = try #require(states.ordered.first)
        #expect(found.counts.stuck == 2 && found.counts.oldest == time)
        #expect(found.counts.clients[.established] == 3)
        // The next round counts it from its beginning.
        var next = ServiceStates(after: states)
        next.count(record, stuckSince: nil)
        #expect(next.ordered.first?.counts.clients[.established] == 1)
        #expect(next.ordered.first?.counts.stuck == 0)
        // What had nothing stuck in a round is left out after it.
        #expect(ServiceStates(after: next).ordered.isEmpty)
    }

    @Test func `a round names the connections that are shown`() {
        var round = SnapshotRound(serviceLimit: 10)
        let record = record(40_000)
        round.add(record, problem: nil)
        #expect(round.shown == [record.connection.serial])
        #expect(round.stuck.total == 0)
    }

    @Test func `the newest are shown, and older ones in the place of those that have departed`() {
        var record = record(40_000)
        func shown(_ serials: ClosedRange<UInt32>, _ round: inout SnapshotRound) -> [UInt32] {
            for serial in serials {
                record.renumber(serial: serial, stream: serial)
                round.add(record, problem: nil)
            }
            return round.shown
        }
        var first = SnapshotRound(serviceLimit: 10)
        #expect(shown(1...5000, &first) == (4501...5000).reversed())
        var second = SnapshotRound(after: first)
        #expect(shown(1...5100, &second) == (4601...5100).reversed())
        // The round after one that has found few looks at all of them.
        var third = SnapshotRound(after: second)
        _ = shown(1...4000, &third)
        var fourth = SnapshotRound(after: third)
        #expect(shown(1...4000, &fourth) == (3501...4000).reversed())
    }
}
