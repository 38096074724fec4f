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
        _ = recent.observe(transition(serial, .closed, .synSent, .sentSYN, frame: 1))
        let answer = recent.observe(
            transition(serial, .synSent, .established, .receivedSYNACK, frame: 2, .inferred))
        let time = Timestamp(nanoseconds: 2)
        recent.confirm(answer, seen: time, notBefore: time, notAfter: time)
        let reset = recent.observe(
            transition(serial, .established, .closed, .receivedRST, frame: 3, .inferred))
        recent.withdraw(reset)
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
        let half = recent.observe(
            transition(serial, .established, .finWait1, .sentFIN, frame: 7, .inferred))
        for other in serial + 1..<serial + 40_000 {
            _ = recent.observe(transition(other, .closed, .synSent, .sentSYN, frame: 8))
            _ = recent.observe(transition(other, .finWait2, .timeWait, .receivedFIN, frame: 9))
        }
        #expect(recent.ladder(record).rows.map(\.frame) == [7])
        // Its changes have the names that they had, and new ones come to them.
        recent.amend(half, to: .closing)
        _ = recent.observe(transition(serial, .closing, .timeWait, .receivedACKofFIN, frame: 10))
        let ladder = recent.ladder(record)
        #expect(ladder.history.map(\.transition.to) == [.closing, .timeWait])
        // Of what nobody has noted anything, nothing.
        #expect(RecentTransitions().ladder(record).rows.isEmpty)
    }

    @Test func `a connection whose end is withdrawn stays`() {
        let record = record
        let serial = record.connection.serial
        var recent = RecentTransitions()
        _ = recent.observe(transition(serial, .closed, .synSent, .sentSYN, frame: 1))
        let reset = recent.observe(
            transition(serial, .established, .closed, .receivedRST, frame: 3, .inferred))
        recent.withdraw(reset)
        for other in serial + 1..<serial + 20_000 {
            _ = recent.observe(transition(other, .closed, .synSent, .sentSYN, frame: 8))
            _ = recent.observe(transition(other, .finWait2, .timeWait, .receivedFIN, frame: 9))
        }
        let ladder = recent.ladder(record)
        #expect(ladder.rows.map(\.frame) == [1])
        #expect(ladder.withdrawn.map(\.frame) == [3])
    }

    @Test func `connections far apart are told apart`() {
        let record = record
        let serial = record.connection.serial
        var recent = RecentTransitions()
        _ = recent.observe(transition(serial, .established, .finWait1, .sentFIN, frame: 7))
        for step: UInt32 in 1...3 {
            let other = serial + step << 26
            let name = recent.observe(transition(other, .closed, .synSent, .sentSYN, frame: 8))
            recent.amend(name, to: .synReceived)
        }
        let history = recent.ladder(record).history
        #expect(history.allSatisfy { $0.transition.connection == serial })
        #expect(history.allSatisfy { $0.transition.to == .finWait1 })
    }
}
