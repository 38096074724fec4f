import TCPState
import TestKit
import Testing
import Wire

@testable import Diagnosis

/// Sentences that the packets of the same connection would refute are not said.
struct RefutedWordsTests {
    /// The only group of one connection, some time after its last segment.
    private func group(
        rest: Int64 = 1, _ body: (Conversation) -> Void
    ) throws -> FindingGroup {
        let talk = Conversation(incident: ())
        body(talk)
        var findings = FindingAggregator()
        findings.add(try #require(talk.record), at: talk.now + rest * 1_000_000_000)
        let groups = findings.groups()
        #expect(groups.count == 1)
        return try #require(groups.first)
    }

    /// A RST after one's own FIN, where the peer had sent nothing since.
    @Test func `A RST after a FIN answers no data where none came`() throws {
        for sendsData in [true, false] {
            let found = try group { talk in
                talk.open()
                talk.server.fin()
                talk.client.ack()
                if sendsData { talk.client.send(700) }
                talk.server.rst()
            }
            #expect(found.key.diagnosis == .abortiveClose && found.key.fault == .server)
            #expect(found.sentence.contains("data that arrives after its FIN") == sendsData)
        }
    }

    /// A connect() scan opens and resets; who accepts is the server.
    @Test func `A client accepts no connection`() throws {
        let client = try group { talk in
            talk.open()
            talk.client.rstAck()
        }
        #expect(client.key.fault == .client && client.sentence.contains("port is open"))
        #expect(!client.remedy.contains { $0.contains("reject clients") })
        let server = try group { talk in
            talk.open()
            talk.server.rstAck()
        }
        #expect(server.key.fault == .server && server.sentence.contains("rejects this client"))
    }

    /// tcp(7), tcp_abort_on_overflow: the RST answers the ACK that completes the handshake, at once.
    @Test func `A full queue resets at once, not after minutes`() throws {
        let overflow = try group { talk in
            talk.open()
            talk.server.rst()
        }
        #expect(overflow.key.diagnosis == .abortiveClose)
        #expect(overflow.sentence.contains("tcp_abort_on_overflow"))
        let late = try group { talk in
            talk.open()
            talk.client.send(5, after: .seconds(900))
            talk.server.rst()
        }
        #expect(late.key.diagnosis == .halfOpenPeerRestarted)
        #expect(!late.sentence.contains("no data"))
    }

    /// The FIN that one acknowledgment covers may be in the hole of the capture.
    @Test func `Nobody restarted where the capture may lack the FIN`() throws {
        for isLacking in [true, false] {
            let found = try group { talk in
                talk.open()
                talk.client.send(40)
                talk.server.send(40)
                talk.client.ack()
                if isLacking {
                    talk.client.ack(after: .seconds(60)) {
                        $0.acknowledgmentNumber = $0.acknowledgmentNumber + 1
                    }
                }
                talk.client.send(40, after: .seconds(6)) {
                    if isLacking { $0.acknowledgmentNumber = $0.acknowledgmentNumber + 1 }
                }
                talk.server.rst { if isLacking { $0.sequenceNumber = $0.sequenceNumber + 1 } }
            }
            #expect(found.key.diagnosis == .halfOpenPeerRestarted)
            #expect(found.severity == (isLacking ? .notice : .warning))
            #expect((found.grade == .assumed) == isLacking)
        }
    }

    /// A balancer opens connections in the client's name, and passes the client's data on.
    @Test func `The device that made the handshake resets what is idle`() throws {
        func found(_ life: UInt8, silence: Int) throws -> FindingGroup {
            try group { talk in
                talk.client.syn { $0.timeToLive = 251 }
                talk.server.synAck()
                talk.client.ack { $0.timeToLive = 251 }
                for _ in 0..<3 {
                    talk.client.send(90) { $0.timeToLive = 52 }
                    talk.server.send(60)
                }
                talk.client.ack { $0.timeToLive = 52 }
                talk.client.rstAck(after: .seconds(silence)) { $0.timeToLive = life }
            }
        }
        let device = try found(251, silence: 181)
        #expect(device.key.diagnosis == .idleTimeoutReset && device.key.fault == .middlebox)
        #expect(device.sentence.contains("251") && device.sentence.contains("52"))
        #expect(try found(52, silence: 181).key.diagnosis == .abortiveClose)
        #expect(try found(251, silence: 1).key.diagnosis == .abortiveClose)
    }

    /// RFC 4987, section 3.6: a SYN proxy keeps nothing, so its SYN,ACK is not repeated.
    @Test func `Probes of a window that a SYN-ACK closed are no keepalives`() throws {
        for window in [0, 65_000] as [UInt16] {
            let found = try group(rest: 30) { talk in
                talk.client.syn()
                talk.server.synAck { $0.window = window }
                talk.client.ack()
                for pause in [0.2, 0.4, 0.8, 1.6, 3.2] {
                    talk.client.keepAlive(after: .seconds(pause))
                }
            }
            #expect((found.key.diagnosis == .keepaliveFailed) == (window > 0))
            #expect((found.severity == .warning) == (window > 0))
            #expect(found.sentence.contains("SYN proxy") == (window == 0))
        }
    }

    /// Two hosts answer one SYN; the client takes the second. What the second sends is new, whatever the first's numbers.
    @Test func `After SYN-ACKs of two hosts nothing is taken for a repetition`() throws {
        let talk = Conversation(incident: ())
        talk.client.syn()
        talk.server.synAck { $0.sequenceNumber = $0.sequenceNumber + 0x3000_0000 }
        talk.server.synAck(after: .seconds(12))
        talk.client.send(500, after: .seconds(15))
        for _ in 0..<4 { talk.server.send(1_400, after: .milliseconds(1)) }
        let record = try #require(talk.record)
        let found = ConnectionExaminer(record, at: talk.now + 1_000_000).findings
        #expect(found.isEmpty)
    }

    /// RFC 9293, section 3.10.7.3: in SYN-SENT a RST counts only if it acknowledges the SYN.
    @Test func `A RST that the client ignores need not have an acknowledgment`() throws {
        let found = try group(rest: 5) { talk in
            talk.client.syn()
            talk.server.rst()
            talk.client.retransmit(after: .seconds(1))
        }
        #expect(found.key.diagnosis == .refused && found.key.fault == .middlebox)
        #expect(found.sentence.contains("does not acknowledge"))
    }

    /// RFC 5961, section 4: a SYN in a synchronized state is answered by an ACK of what was received before.
    @Test func `A challenge ACK tells of a socket from before the capture`() throws {
        for isOld in [true, false] {
            let talk = Conversation(incident: ())
            talk.client.syn()
            talk.server.ack {
                if isOld { $0.acknowledgmentNumber = $0.acknowledgmentNumber - 70_000 }
            }
            if isOld { talk.client.rst { $0.sequenceNumber = $0.sequenceNumber - 70_001 } }
            talk.client.retransmit(after: .seconds(1))
            talk.server.synAck()
            talk.client.ack()
            let record = try #require(talk.record)
            let found = ConnectionExaminer(record, at: talk.now + 1_000_000_000).findings
            #expect(found.contains { $0.diagnosis == .portReuseCollision } == isOld)
        }
    }

    /// RFC 6298, section 2.1: a SYN is repeated after a second, whether or not the answer is on its way.
    @Test func `An answer that takes longer than a second is no lost SYN`() throws {
        for delay in [1_045, 1_700] {
            let talk = Conversation(incident: ())
            talk.client.syn()
            talk.client.retransmit(after: .seconds(1))
            talk.server.synAck(after: .milliseconds(delay - 1_000))
            talk.client.ack()
            talk.client.send(100)
            talk.server.send(100, after: .milliseconds(700))
            let record = try #require(talk.record)
            let found = ConnectionExaminer(record, at: talk.now + 1_000_000_000).findings
            #expect(found.contains { $0.diagnosis == .slowHandshake } == (delay == 1_700))
        }
    }

    /// tcp(7), TCP_USER_TIMEOUT: the socket is aborted by RST when data stays unacknowledged for so long.
    @Test func `An end that gives up with a RST is shown doing so`() throws {
        for isAborted in [true, false] {
            let found = try group { talk in
                talk.open()
                talk.client.send(100)
                talk.server.send(100)
                talk.client.send(100)
                for pause in [0.3, 0.6, 1.2, 2.4] { talk.client.retransmit(after: .seconds(pause)) }
                if isAborted { talk.client.rstAck(after: .seconds(2)) }
            }
            #expect(found.key.diagnosis == .retransmitUntilDeath && found.key.fault == .path)
            #expect(found.sentence.contains("TCP_USER_TIMEOUT") == isAborted)
            #expect(found.sentence.contains("no packet shows it") == !isAborted)
        }
    }

    /// One host, two connections: what the one hears shows that the host was up while the other was in silence.
    @Test func `A host that answers others after the silence began is not called down`() throws {
        for answersOthers in [true, false] {
            let dead = Conversation(incident: ())
            dead.open()
            dead.client.send(100)
            dead.server.send(100)
            dead.client.send(100)
            let other = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0166), 40_000))
            other.now =
                dead.now + TimeSpan(nanoseconds: answersOthers ? 3_000_000_000 : -1_000_000_000)
            other.open()
            other.client.send(10)
            other.server.send(10)
            other.client.ack()
            for pause in [0.3, 0.6, 1.2, 2.4] { dead.client.retransmit(after: .seconds(pause)) }
            dead.client.rstAck(after: .seconds(14))
            var findings = FindingAggregator()
            findings.add(try #require(dead.record), at: dead.now)
            findings.add(try #require(other.record), at: dead.now)
            let found = try #require(findings.groups().first)
            #expect(found.key.diagnosis == .retransmitUntilDeath)
            #expect(found.sentence.contains("host is up") == answersOthers)
            #expect(found.sentence.contains("down or unreachable") == !answersOthers)
        }
    }

    /// Load balancers forget idle connections after a minute or more: see ``IdleTimeouts``.
    @Test func `A restart is not proved where an idle timeout may have ended the connection`()
        throws
    {
        func found(silence: Double, survived: Double) throws -> FindingGroup {
            let gone = Conversation(incident: ())
            gone.open()
            gone.client.send(40)
            gone.server.send(40)
            gone.client.ack()
            gone.client.send(40, after: .seconds(silence))
            gone.server.rst()
            let other = Conversation(incident: (), client: (Address(ipv4: 0x0a01_0166), 40_000))
            other.open()
            other.client.send(10, after: .seconds(survived))
            other.server.send(10)
            other.client.ack()
            var findings = FindingAggregator()
            for talk in [gone, other] {
                findings.add(try #require(talk.record), at: gone.now + 1_000_000_000)
            }
            let group = try #require(findings.groups().first)
            #expect(group.key.diagnosis == .halfOpenPeerRestarted && group.severity == .warning)
            return group
        }
        for (silence, survived, isProved) in [(2, 1, true), (908, 1, false), (908, 1_000, true)] {
            let group = try found(silence: Double(silence), survived: Double(survived))
            #expect(!group.undecided.contains(.idleTimeout) == isProved)
            #expect(group.refutation.contains("idle timeout") == !isProved)
            if !isProved { #expect(group.grade == .inferred) }
        }
    }

    @Test func `A client that still waits has not given up`() throws {
        for waits in [true, false] {
            let found = try group(rest: 40) { talk in
                talk.open()
                talk.client.send(100)
                talk.server.ack()
                if !waits { talk.client.fin(after: .seconds(30)) }
                if !waits { talk.server.ack() }
            }
            #expect(found.key.diagnosis == .requestUnanswered)
            #expect(found.sentence.contains("still waits") == waits)
            #expect(found.sentence.contains("gives up") == !waits)
        }
    }

    /// A listener that closes resets what waits in its queue: Linux, inet_csk_listen_stop.
    @Test func `What a server never answered may never have been accepted`() throws {
        for answers in [true, false] {
            let found = try group { talk in
                talk.open()
                talk.client.send(50)
                if answers { talk.server.send(50) } else { talk.server.ack() }
                talk.client.ack()
                talk.server.rstAck(after: .seconds(9))
            }
            #expect(found.key.diagnosis == .abortiveClose && found.key.fault == .server)
            #expect(found.sentence.contains("listening socket was closed") == !answers)
        }
    }
}
