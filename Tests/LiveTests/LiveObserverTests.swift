import Diagnosis
import Monitoring
import Reports
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

    /// Found less withdrawn is what is left at the end.
    @Test(arguments: WithdrawnScript.allCases)
    func `what is withdrawn is told`(script: WithdrawnScript) {
        let talk = script.talk
        var live = Tracker(
            observer: LiveObserver(local: [], .standard, wantsTransitions: true),
            profile: .linux, maximumConnections: 10)
        var whole = Tracker(
            observer: TransitionHistory(), profile: .linux, maximumConnections: 10)
        func feed<Observer>(_ tracker: inout Tracker<Observer>) {
            for (index, (bytes, time)) in talk.frames.enumerated() {
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: UInt64(index + 1))
            }
        }
        feed(&live)
        feed(&whole)
        whole.finish()
        var standing: [Side: [State]] = [:]
        for entry in live.observer.takeTransitions() {
            let (side, to) = (entry.transition.side, entry.transition.to)
            switch entry.event {
            case .found: standing[side, default: []].append(to)
            case .withdrawn:
                let place = standing[side]?.lastIndex(of: to)
                if let place { standing[side]?.remove(at: place) }
                #expect(place != nil)
            case .confirmed, .amended: break
            }
        }
        for side in Side.allCases {
            let left = whole.observer.timeline().filter { $0.transition.side == side }
            #expect(standing[side] == left.map(\.transition.to))
        }
    }

    /// Packets by which a change turns out not to have happened.
    enum WithdrawnScript: CaseIterable {
        /// A SYN that is answered by a cookie leaves nothing: the SYN comes again, and no SYN,ACK.
        case cookie
        /// An end sends data after a RST in its name.
        case foreignReset
        /// A FIN was sent before the peer's came, and the tap did not see it.
        case unseenFIN
        /// It was given up too early.
        case patience

        var talk: Conversation {
            let talk = Conversation()
            if self == .cookie {
                talk.client.syn()
                talk.server.synAck()
                for _ in 0..<2 { talk.client.retransmit(after: .seconds(8)) }
                return talk
            }
            talk.open()
            talk.client.send(100)
            switch self {
            case .cookie: break
            case .foreignReset:
                talk.server.send(50)
                talk.client.ack()
                let number = talk.server.rst().segment.sequenceNumber
                for _ in 0..<4 {
                    talk.server.send(10, after: .seconds(1)) { $0.sequenceNumber = number }
                }
            case .unseenFIN:
                talk.server.send(50)
                talk.client.ack()
                talk.client.fin(after: .seconds(1))
                talk.server.fin(after: .milliseconds(10), .unseen)
                talk.server.ack(after: .milliseconds(40))
                talk.server.retransmit(after: .milliseconds(300))
                talk.client.ack()
            case .patience:
                talk.server.ack()
                talk.client.send(100)
                for delay in [200, 400, 800, 60_000] {
                    talk.client.retransmit(after: .milliseconds(delay))
                }
            }
            return talk
        }
    }
}
