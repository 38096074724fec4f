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
        var round = SnapshotRound(after: ServiceStates(limit: 10))
        let record = record(40_000)
        round.add(record, trouble: nil)
        #expect(round.shown == [record.connection.serial])
        #expect(round.stuck.total == 0)
    }
}
