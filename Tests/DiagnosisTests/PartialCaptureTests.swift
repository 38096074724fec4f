import TCPState
import TestKit
import Testing
import Wire

@testable import Diagnosis

/// Verdicts on captures that show a part of what happened, or some of it twice: more careful, never others.
struct PartialCaptureTests {
    private static let opened = [
        DiagnosisCase("a SYN that is refused", .refused, .server) { talk in
            talk.client.syn()
            talk.server.rstAck()
        },
        DiagnosisCase("a SYN three times", .synFiltered, .path, rest: 10) { talk in
            talk.client.syn()
            for pause in [1, 2] { talk.client.retransmit(after: .seconds(pause)) }
        },
        DiagnosisCase("a SYN-ACK three times", .synReceivedStuck, .client, rest: 10) { talk in
            talk.client.syn()
            talk.server.synAck()
            for pause in [1, 2] { talk.server.retransmit(after: .seconds(pause)) }
        },
        DiagnosisCase("a SYN-ACK three times after data", .acceptQueueFull, .server) { talk in
            talk.open()
            talk.client.send(100)
            for pause in [1, 2] { talk.server.retransmit(after: .seconds(pause)) }
        },
    ]

    @Test(arguments: DiagnosisCase.all + opened)
    func `A tap that sees each segment twice says the same`(_ complaint: DiagnosisCase) throws {
        guard complaint.diagnosis != .oneWay else { return }
        let talk = Conversation(incident: ())
        complaint.talk(talk)
        talk.wait(.seconds(complaint.rest))
        let twice = talk.segments.flatMap { [$0, ($0.segment, $0.time + 3_000)] }
        let now = talk.now + 3_000
        let record = try #require(Conversation.record(of: twice))
        let found = ConnectionExaminer(record, at: now).findings
        #expect(found.map(\.diagnosis) == [complaint.diagnosis].compactMap { $0 })
        #expect(found.allSatisfy { $0.fault == complaint.fault })
    }

    /// RFC 6298: the pause doubles, so a third SYN comes two seconds after the second, if none is answered.
    @Test func `A SYN that was repeated once is filtered when the next repetition was due`() throws
    {
        let talk = Conversation(incident: ())
        talk.client.syn()
        talk.client.retransmit(after: .seconds(1))
        let record = try #require(talk.record)
        for (seconds, isSettled) in [(1, false), (3, true)] as [(Int64, Bool)] {
            let now = talk.now + seconds * 1_000_000_000
            let finding = try #require(ConnectionExaminer(record, at: now).findings.first)
            #expect(finding.diagnosis == .synFiltered)
            #expect(finding.isSettled == isSettled)
            #expect((finding.severity == .notice) == !isSettled)
        }
    }

    /// tcp(7), TCP_DEFER_ACCEPT: the server goes on repeating its SYN,ACK until data come.
    @Test func `A SYN-ACK that is repeated until data come is no full queue`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        for pause in [1, 2] { talk.server.retransmit(after: .seconds(pause)) }
        talk.client.send(100)
        let record = try #require(talk.record)
        let finding = try #require(ConnectionExaminer(record, at: talk.now).findings.first)
        #expect(finding.form == .usual)
        talk.server.retransmit(after: .seconds(4))
        let later = try #require(talk.record)
        #expect(ConnectionExaminer(later, at: talk.now).findings.first?.form == .unread)
    }

    /// Linux forgets an orphan in FIN-WAIT-2 after a minute (tcp_fin_timeout): its own host answers then.
    @Test func `A quick RST long after the FIN is no device's`() throws {
        let talk = Conversation(incident: ())
        talk.client.syn()
        talk.server.synAck(after: .milliseconds(80))
        talk.client.ack()
        talk.server.fin(after: .milliseconds(80))
        talk.client.ack()
        talk.client.send(100, after: .seconds(66))
        talk.server.rst(after: .milliseconds(15))
        let record = try #require(talk.record)
        let found = ConnectionExaminer(record, at: talk.now).findings
        #expect(found.map(\.diagnosis) == [.finWait2Held])
    }

    @Test func `An abort is not proved where the start was not captured`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.send(100)
        talk.server.send(100)
        talk.client.rstAck()
        let whole = try #require(talk.record)
        let cut = try #require(Conversation.record(of: Array(talk.segments.dropFirst(3))))
        for (record, grade) in [(whole, Grade.proved), (cut, .inferred)] {
            let finding = ConnectionExaminer(record, at: talk.now).findings.first
            #expect(finding?.diagnosis == .abortiveClose)
            #expect(finding?.grade == grade)
        }
    }

    /// A connection of the incident's service from a port.
    private static func talk(_ port: UInt16, _ body: (Conversation) -> Void) -> Conversation {
        let talk = Conversation(
            incident: (), client: (Address(ipv4: 0x0a01_0165), port))
        body(talk)
        return talk
    }

    @Test func `Where answers are not captured, no SYN is filtered`() throws {
        let asked = Self.talk(40_001) { talk in
            talk.client.syn()
            for pause in [1, 2, 4] { talk.client.retransmit(after: .seconds(pause)) }
        }
        let open = Self.talk(40_002) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
            talk.client.ack()
        }
        for seesAnswers in [true, false] {
            var findings = FindingAggregator()
            findings.add(try #require(asked.record), at: asked.now + 60_000_000_000)
            let seen = open.segments.filter {
                seesAnswers || $0.segment.destinationPort == 8080
            }
            findings.add(
                try #require(Conversation.record(of: seen)), at: asked.now + 60_000_000_000)
            let found = findings.groups().map(\.key.diagnosis)
            #expect(found == [seesAnswers ? .synFiltered : .oneWay])
        }
    }

    @Test func `Where only SYNs with ECN were captured, their refusal may be a device's`() throws {
        for asksForECN in [true, false] {
            let refused = Self.talk(40_001) { talk in
                talk.client.syn { if asksForECN { $0.flags.formUnion([.ece, .cwr]) } }
                talk.server.rstAck()
            }
            var findings = FindingAggregator()
            findings.add(try #require(refused.record), at: refused.now + 1_000_000_000)
            let group = try #require(findings.groups().first)
            #expect(group.key.diagnosis == .refused)
            #expect(group.sentence.contains("ECN") == asksForECN)
            #expect(group.sentence.contains("the host is up") == !asksForECN)
            #expect((group.grade == .inferred) == asksForECN || !asksForECN)
        }
    }

    /// Two hosts of one link with the same address are told apart by hardware only, which no SYN shows here.
    @Test(arguments: [64, 57] as [UInt8])
    func `A RST of an unrouted host may be a second host's`(_ timeToLive: UInt8) throws {
        let talk = Self.talk(40_001) { talk in
            talk.client.syn()
            talk.server.synAck { $0.timeToLive = timeToLive }
            talk.client.ack()
            talk.client.send(100)
            talk.server.rst { $0.timeToLive = timeToLive }
            talk.server.send(500) { $0.timeToLive = timeToLive }
        }
        var findings = FindingAggregator()
        findings.add(try #require(talk.record), at: talk.now)
        let group = try #require(findings.groups().first)
        #expect(group.key.diagnosis == .forgedReset)
        #expect(group.grade == (timeToLive == 57 ? .proved : .inferred))
        #expect(group.undecided.contains(.secondHost) == (timeToLive == 64))
    }

    /// A SYN,ACK that was just repeated may be answered after the capture.
    @Test func `A SYN-ACK that was repeated once waits for its answer`() throws {
        let talk = Conversation(incident: ())
        talk.client.syn()
        talk.server.synAck()
        talk.client.retransmit(after: .seconds(1))
        for _ in 0..<2 { talk.server.retransmit(after: .milliseconds(12)) }
        let record = try #require(talk.record)
        for (milliseconds, isSettled) in [(200, false), (1_200, true)] as [(Int64, Bool)] {
            let now = talk.now + milliseconds * 1_000_000
            let finding = try #require(ConnectionExaminer(record, at: now).findings.first)
            #expect(finding.diagnosis == .synReceivedStuck)
            #expect(finding.isSettled == isSettled)
        }
    }

    @Test func `What a full queue drops after a SYN cookie belongs to it`() throws {
        var findings = FindingAggregator()
        func examine(_ port: UInt16, _ body: (Conversation) -> Void) throws {
            let talk = Self.talk(port, body)
            findings.add(try #require(talk.record), at: talk.now + 60_000_000_000)
        }
        try examine(40_000) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
            talk.client.ack()
        }
        for port in 40_001..<40_005 as Range<UInt16> {
            try examine(port) { talk in
                talk.open()
                talk.client.send(100)
                for pause in [1, 2, 4] { talk.server.retransmit(after: .seconds(pause)) }
            }
        }
        try examine(40_005) { talk in
            talk.open()
            talk.client.send(100)
            for pause in [0.2, 0.4, 0.8, 1.6, 3.2, 6.4] {
                talk.client.retransmit(after: .seconds(pause))
            }
        }
        let groups = findings.groups()
        #expect(groups.map(\.key.diagnosis) == [.acceptQueueFull])
        #expect(groups.first?.count == 4)
        #expect(groups.first?.related == 1)
    }

    @Test func `A server that drops everybody does so after a repeated SYN as well`() throws {
        var findings = FindingAggregator()
        for port in 40_001..<40_005 as Range<UInt16> {
            let talk = Self.talk(port) { talk in
                talk.client.syn()
                if port == 40_001 {
                    for pause in [1, 2] { talk.client.retransmit(after: .seconds(pause)) }
                }
                talk.server.synAck()
                talk.client.ack()
                talk.client.send(100)
                talk.server.fin()
                talk.client.fin()
                talk.server.ack()
            }
            findings.add(try #require(talk.record), at: talk.now + 1_000_000_000)
        }
        let found = findings.groups().first { $0.key.diagnosis == .serviceDropsAll }
        #expect(found?.count == 4)
        #expect(found?.severity == .warning)
    }

    /// A capture of one direction shows the same where all probes are answered.
    @Test func `Probes of an end whose peer is not in the capture are no alarm`() throws {
        let talk = Conversation(incident: ())
        talk.client.syn(.unseen)
        talk.server.synAck(.unseen)
        talk.client.ack(.unseen)
        for _ in 0..<6 { talk.client.keepAlive(after: .seconds(10)) }
        let record = try #require(talk.record)
        let found = ConnectionExaminer(record, at: talk.now + 1_000_000_000).findings
        #expect(found.map(\.diagnosis) == [.keepaliveFailed])
        #expect(found.map(\.severity) == [.notice] && found.map(\.grade) == [.assumed])
    }

    @Test func `A host that answers elsewhere is not called down`() throws {
        let dead = Self.talk(40_001) { talk in
            talk.open()
            talk.client.send(100)
            for pause in [0.2, 0.4, 0.8, 1.6, 3.2, 6.4] {
                talk.client.retransmit(after: .seconds(pause))
            }
        }
        let alive = Self.talk(40_002) { talk in
            talk.wait(.seconds(10))
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
        }
        for hasOther in [true, false] {
            var findings = FindingAggregator()
            let now = dead.now + 1_000_000_000
            findings.add(try #require(dead.record), at: now)
            if hasOther { findings.add(try #require(alive.record), at: now) }
            let group = try #require(findings.groups().first)
            #expect(group.key.diagnosis == .retransmitUntilDeath)
            #expect(group.sentence.contains("is up") == hasOther)
            #expect(group.sentence.contains("is down") == !hasOther)
        }
    }
}
