import Diagnosis
import Monitoring
import TCPState
import TestKit
import Testing
import Tracking
import Wire

@testable import Live

@Suite struct LiveObserverTests {
    private func acknowledgedSYN(_ serial: UInt32) -> Transition {
        Transition(
            connection: serial, side: .low, from: .synSent, to: .established,
            event: .receivedSYNACK, grade: .proved, timer: .none, moment: .onArrival,
            seen: Timestamp(nanoseconds: 1), notBefore: nil, notAfter: nil, frame: 1)
    }

    @Test func `only changes of connections that have begun are counted and told`() throws {
        let talk = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0165), 40_000))
        talk.open()
        let record = try #require(talk.record)
        let serial = record.connection.serial
        var observer = LiveObserver(
            local: [], .standard, wantsTransitions: true, isMetered: true)
        observer.connectionOpened(record)
        _ = observer.observe(acknowledgedSYN(serial &+ 1))
        #expect(observer.transitionCount == 0)
        #expect(observer.meter?.changes.isEmpty == true)
        _ = observer.observe(acknowledgedSYN(serial))
        #expect(observer.takeTransitions().map(\.key) == [record.key])
        #expect(observer.meter?.changes.map(\.count) == [1])
        observer.connectionClosed(record, .expired)
        _ = observer.observe(acknowledgedSYN(serial))
        #expect(observer.transitionCount == 0)
    }
}
