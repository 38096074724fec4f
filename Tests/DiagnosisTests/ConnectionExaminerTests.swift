import Diagnosis
import TCPState
import TestKit
import Testing
import Wire

/// A conversation and what is the matter with it, by the definitions above each diagnosis.
struct DiagnosisCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let diagnosis: Diagnosis?
    let fault: Fault
    var rest: Double
    let talk: @Sendable (Conversation) -> Void

    init(
        _ name: String, _ diagnosis: Diagnosis?, _ fault: Fault = .nobody, rest: Double = 0,
        _ talk: @escaping @Sendable (Conversation) -> Void
    ) {
        testDescription = name
        self.diagnosis = diagnosis
        self.fault = fault
        self.rest = rest
        self.talk = talk
    }

    static let all = [
        DiagnosisCase("open and idle", nil, rest: 4000) { $0.open() },
        DiagnosisCase("a clean close", nil) { talk in
            talk.open()
            talk.client.fin()
            talk.server.fin()
            talk.client.ack()
        },
        DiagnosisCase("a minute in CLOSE_WAIT at the server", .closeWaitLeak, .server, rest: 61) {
            talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
        },
        DiagnosisCase("a minute in CLOSE_WAIT at the client", .closeWaitLeak, .client, rest: 61) {
            talk in
            talk.open()
            talk.server.fin()
            talk.client.ack()
        },
        DiagnosisCase("data after the peer's FIN", .legitimateHalfClose) { talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
            for _ in 0..<4 {
                talk.server.send(100, after: .seconds(1))
                talk.client.ack()
            }
        },
        DiagnosisCase("a FIN four times", .finWait1Stuck, .path) { talk in
            talk.open()
            talk.client.fin()
            for pause in [0.2, 0.4, 0.8] { talk.client.retransmit(after: .seconds(pause)) }
        },
        DiagnosisCase("a FIN four times within a millisecond: the tap's copies", .unfinished) {
            talk in
            talk.open()
            talk.client.fin()
            for _ in 0..<3 { talk.client.retransmit(after: .microseconds(50)) }
        },
        DiagnosisCase("the last FIN four times", .lastACKStuck, .path) { talk in
            talk.open()
            talk.client.fin()
            talk.server.fin()
            for pause in [0.2, 0.4, 0.8] { talk.server.retransmit(after: .seconds(pause)) }
        },
        DiagnosisCase("a SYN three times", .synFiltered, .path) { talk in
            talk.client.syn()
            talk.client.retransmit(after: .seconds(1))
            talk.client.retransmit(after: .seconds(2))
        },
        DiagnosisCase("a SYN,ACK three times, the client silent", .synReceivedStuck, .client) {
            talk in
            talk.client.syn()
            talk.server.synAck()
            talk.server.retransmit(after: .seconds(1))
            talk.server.retransmit(after: .seconds(2))
        },
        DiagnosisCase("SYN, RST", .refused, .server) { talk in
            talk.client.syn()
            talk.server.rstAck()
        },
        DiagnosisCase("a RST with ACK", .abortiveClose, .client) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.ack()
            talk.client.rstAck()
        },
        DiagnosisCase("a RST without ACK in answer to data", .halfOpenPeerRestarted, .server) {
            talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
            talk.client.ack()
            talk.client.send(100, after: .seconds(20))
            talk.server.rst()
        },
        DiagnosisCase("the same with another time to live", .idleTimeoutReset, .middlebox) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
            talk.client.ack()
            talk.client.send(100, after: .seconds(20))
            talk.server.rst { $0.timeToLive = 250 }
        },
        DiagnosisCase("data after its own RST", .forgedReset, .middlebox) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.rst()
            talk.server.send(500)
        },
        DiagnosisCase("a RST from a minute-old FIN_WAIT2", .finWait2Held, .client) { talk in
            talk.open()
            talk.server.fin()
            talk.client.ack()
            talk.client.send(100, after: .seconds(70))
            talk.server.rst()
        },
        DiagnosisCase("data crosses the FIN of an idle server", .keepaliveRace, .client) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(100)
            talk.client.ack()
            talk.server.fin(after: .seconds(5), .lost)
            talk.client.send(100, after: .milliseconds(2))
            talk.server.rst(after: .milliseconds(8)) { $0.sequenceNumber = $0.sequenceNumber - 1 }
        },
        DiagnosisCase("a RST inside the window, and on it goes", .resetIgnored, .middlebox) {
            talk in
            talk.open()
            talk.client.send(100)
            talk.server.ack()
            talk.client.rst(.lost) { $0.sequenceNumber = $0.sequenceNumber + 3000 }
            talk.server.ack()
            talk.client.send(100, after: .seconds(1))
            talk.server.ack()
        },
        DiagnosisCase("a window closed for two seconds", .zeroWindowStall, .server) { talk in
            talk.open()
            talk.client.send(1000)
            talk.server.ack { $0.window = 0 }
            talk.server.ack(after: .seconds(2))
        },
        DiagnosisCase("a window closed for half a second", nil) { talk in
            talk.open()
            talk.client.send(1000)
            talk.server.ack { $0.window = 0 }
            talk.server.ack(after: .milliseconds(500))
        },
        DiagnosisCase("three keepalives without an answer", .keepaliveFailed, .path) { talk in
            talk.open()
            for _ in 0..<3 { talk.server.keepAlive(after: .seconds(75)) }
        },
        DiagnosisCase("data seven times", .retransmitUntilDeath, .path) { talk in
            talk.open()
            talk.client.send(100)
            for pause in [0.2, 0.4, 0.8, 1.6, 3.2, 6.4] {
                talk.client.retransmit(after: .seconds(pause))
            }
        },
        DiagnosisCase("only the client is seen", .oneWay, .capture) { talk in
            talk.open()
            talk.client.send(100)
        },
    ]
}

struct ConnectionExaminerTests {
    @Test(arguments: DiagnosisCase.all)
    func `A conversation has the diagnosis of its definition`(_ complaint: DiagnosisCase) throws {
        let talk = Conversation(incident: ())
        complaint.talk(talk)
        talk.wait(.seconds(complaint.rest))
        var record = try #require(talk.record)
        if complaint.diagnosis == .oneWay {
            record = try #require(Self.half(talk))
        }
        let found = ConnectionExaminer(record, at: talk.now).findings
        #expect(found.map(\.diagnosis) == [complaint.diagnosis].compactMap { $0 })
        #expect(found.allSatisfy { $0.fault == complaint.fault })
    }

    /// The connection that sees the client's segments only.
    private static func half(_ talk: Conversation) -> ConnectionRecord? {
        Conversation.record(of: talk.segments.filter { $0.segment.destinationPort == 8080 })
    }

    @Test func `A claim that something did not happen waits for its time`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.fin()
        talk.server.ack()
        let record = try #require(talk.record)
        for (seconds, isSettled) in [(10, false), (59, false), (61, true)] as [(Int64, Bool)] {
            let now = talk.now + seconds * 1_000_000_000
            let finding = try #require(ConnectionExaminer(record, at: now).findings.first)
            #expect(finding.diagnosis == .closeWaitLeak)
            #expect(finding.isSettled == isSettled)
            #expect((finding.grade == .assumed) == !isSettled)
            #expect((finding.severity == .notice) == !isSettled)
        }
        var limits = Thresholds.standard
        limits[.closeWait] = TimeSpan.seconds(5)
        let now = talk.now + 10_000_000_000
        #expect(ConnectionExaminer(record, at: now, limits).findings.first?.isSettled == true)
    }
}

struct FindingAggregatorTests {
    private static func leak(_ port: UInt16, _ findings: inout FindingAggregator, at seconds: Int64)
        throws
    {
        let talk = Conversation(
            clientAddress: Address(ipv4: 0x0a01_0165), clientPort: port,
            start: Timestamp(nanoseconds: 1_795_219_200_000_000_000 + Int64(port)))
        talk.open()
        talk.client.fin()
        talk.server.ack()
        findings.add(try #require(talk.record), at: talk.now + seconds * 1_000_000_000)
    }

    @Test func `A group counts all and keeps a few`() throws {
        var findings = FindingAggregator(exampleLimit: 3)
        for port in 40_000..<40_019 as Range<UInt16> {
            try Self.leak(port, &findings, at: 70)
        }
        let group = try #require(findings.groups().first)
        #expect(group.count == 19)
        #expect(group.examples.count == 3)
        #expect(group.severity == .warning)
        try Self.leak(50_000, &findings, at: 70)
        #expect(findings.groups().first?.severity == .critical)
    }

    @Test func `What was found apart is what was found together`() throws {
        var one = FindingAggregator()
        var parts = [FindingAggregator(), FindingAggregator()]
        for port in 40_000..<40_030 as Range<UInt16> {
            try Self.leak(port, &one, at: Int64(port) - 39_000)
            try Self.leak(port, &parts[Int(port) % 2], at: Int64(port) - 39_000)
        }
        parts[0].add(parts[1])
        let sum = try #require(parts[0].groups().first)
        let whole = try #require(one.groups().first)
        #expect(sum.count == whole.count)
        #expect(sum.lengths == whole.lengths)
        #expect(sum.examples.map { $0.name(.client) } == whole.examples.map { $0.name(.client) })
    }

    @Test(arguments: [(1000, true), (370, false)])
    func `Empty connections at a steady pace are checks`(_ jitter: Int64, _ isSteady: Bool) throws {
        var findings = FindingAggregator()
        var start: Int64 = 1_795_219_200_000_000_000
        for port in 40_000..<40_008 as Range<UInt16> {
            let talk = Conversation(
                clientPort: port, start: Timestamp(nanoseconds: start), step: .milliseconds(1))
            talk.open()
            talk.client.rstAck()
            findings.add(try #require(talk.record), at: talk.now)
            start += (port % 2 == 0 ? 1000 : jitter) * 1_000_000
        }
        let names = findings.groups().map(\.key.diagnosis)
        #expect(names == [isSteady ? .healthCheck : .abortiveClose])
    }

    /// A tap at two interfaces, or at a trunk and its VLAN, has every segment twice.
    @Test func `What a capture has twice is judged as if it had it once`() throws {
        func diagnoses(_ count: UInt16, _ visit: (Conversation) -> Void) throws -> [Diagnosis] {
            var findings = FindingAggregator()
            for number in 0..<count {
                for copy in 0..<2 as Range<Int64> {
                    let start = 1_795_219_200_000_000_000 + Int64(number) * 1_000_000_000
                    let talk = Conversation(
                        clientPort: 40_000 + number,
                        start: Timestamp(nanoseconds: start + copy * 15_000))
                    talk.client.syn { $0.identification = 700 + number }
                    talk.server.synAck()
                    talk.client.ack()
                    visit(talk)
                    findings.add(try #require(talk.record), at: talk.now + 5_000_000_000)
                }
            }
            return findings.groups().map(\.key.diagnosis)
        }
        #expect(try diagnoses(8) { $0.client.rstAck() } == [.healthCheck])
        let dropped = try diagnoses(4) { talk in
            talk.client.send(20)
            talk.server.fin()
            talk.client.fin()
            talk.server.ack()
        }
        #expect(dropped == [.serviceDropsAll])
    }

    @Test func `Health checks are the same however they are divided`() throws {
        var parts = [FindingAggregator(), FindingAggregator()]
        var start = Timestamp(nanoseconds: 1_795_219_200_000_000_000)
        for number in 0..<200 {
            let talk = Conversation(
                clientPort: UInt16(20_000 + number), start: start, step: .milliseconds(1))
            talk.open()
            talk.client.rstAck()
            // Neither part sees a steady pace.
            parts[number * number % 7 < 2 ? 1 : 0].add(try #require(talk.record), at: talk.now)
            start = start + 1_000_000_000
        }
        for part in parts { #expect(part.groups().map(\.key.diagnosis) != [.healthCheck]) }
        var joined = parts[1]
        joined.add(parts[0])
        #expect(joined.groups().map(\.key.diagnosis) == [.healthCheck])
        #expect(joined.groups().first?.count == 200)
    }

    @Test func `Many SYNs from many addresses are a flood, from one host they are not`() throws {
        for sources in [1, 40] as [UInt32] {
            var findings = FindingAggregator()
            for number in 0..<200 as Range<UInt32> {
                let talk = Conversation(
                    clientAddress: Address(ipv4: 0x0a02_0000 + number % sources),
                    clientPort: UInt16(20_000 + number), step: .milliseconds(1))
                talk.client.syn()
                talk.server.synAck()
                findings.add(try #require(talk.record), at: talk.now + 20_000_000_000)
            }
            let isFlood = findings.groups().contains { $0.key.diagnosis == .synFlood }
            #expect(isFlood == (sources == 40))
        }
    }

    @Test func `Every threshold has a name, a unit and a meaning of its own`() {
        let names = Thresholds.Name.allCases
        #expect(Set(names.map(\.name)).count == names.count)
        #expect(Set(names.map(\.meaning)).count == names.count)
        #expect(names.allSatisfy { Thresholds.standard[$0] > 0 })
    }
}
