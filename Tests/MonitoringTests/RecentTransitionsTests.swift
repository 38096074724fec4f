import Monitoring
import Reports
import TCPState
import TestKit
import Testing
import Wire

@Suite struct RecentTransitionsTests {
    private func transition(
        _ serial: UInt32, _ from: State, _ to: State, _ event: Event, frame: UInt64,
        _ grade: Grade = .proved
    ) -> Transition {
        Transition(
            connection: serial, side: .low, from: from, to: to, event: event, grade: grade,
            timer: .none, moment: .onArrival, seen: Timestamp(nanoseconds: Int64(frame)),
            notBefore: nil, notAfter: nil, frame: frame)
    }

    /// A connection that is half-closed: its opener has sent a FIN.
    private var record: ConnectionRecord {
        let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), 40_000))
        talk.open()
        talk.client.fin()
        talk.server.ack()
        return talk.record!
    }

    @Test func `a ladder has the segments that moved an end, once each`() {
        let record = record
        let serial = record.connection.serial
        var recent = RecentTransitions()
        recent.note(.found, transition(serial, .closed, .synSent, .sentSYN, frame: 1))
        recent.note(
            .found, transition(serial, .synSent, .established, .receivedSYNACK, frame: 2, .inferred)
        )
        recent.note(
            .confirmed, transition(serial, .synSent, .established, .receivedSYNACK, frame: 2))
        recent.note(
            .found, transition(serial, .established, .closed, .receivedRST, frame: 3, .inferred))
        recent.note(
            .withdrawn, transition(serial, .established, .closed, .receivedRST, frame: 3, .inferred)
        )
        let ladder = recent.ladder(record)
        #expect(ladder.rows.map(\.frame) == [1, 2])
        #expect(ladder.rows.map(\.flags) == [.syn, [.syn, .ack]])
        #expect(ladder.history.map(\.transition.grade) == [.proved, .proved])
        #expect(ladder.withdrawn.map(\.frame) == [3])
    }

    @Test func `what is over makes room before what is stuck`() {
        let record = record
        let serial = record.connection.serial
        var recent = RecentTransitions()
        recent.note(.found, transition(serial, .established, .finWait1, .sentFIN, frame: 7))
        for other in serial + 1..<serial + 40_000 {
            recent.note(.found, transition(other, .closed, .synSent, .sentSYN, frame: 8))
            recent.note(.found, transition(other, .finWait2, .timeWait, .receivedFIN, frame: 9))
        }
        #expect(recent.ladder(record).rows.map(\.frame) == [7])
        // Of what nobody has noted anything, nothing.
        #expect(RecentTransitions().ladder(record).rows.isEmpty)
    }
}
