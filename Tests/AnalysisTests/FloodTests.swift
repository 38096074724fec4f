import Analysis
import Diagnosis
import Reports
import TestKit
import Testing
import Wire

/// A flood while it happens, and what only looks like one: by RFC 4987 a flood's SYN-ACKs are never acknowledged,
/// and a server repeats them after a second (RFC 6298, section 2.1).
@Suite struct FloodTests {
    private static let start = Timestamp(nanoseconds: 1_795_219_200_000_000_000)

    /// A client's conversation with the one service, begun so many milliseconds after the start.
    private static func talk(_ client: UInt32, _ port: Int, at milliseconds: Double) -> Conversation
    {
        Conversation(
            clientAddress: Address(ipv4: client), clientPort: UInt16(truncatingIfNeeded: port),
            serverAddress: Address(ipv4: 0x0a01_0102), serverPort: 443,
            clientISS: UInt32(truncatingIfNeeded: port &* 2_654_435_761 &+ Int(client)),
            serverISS: UInt32(truncatingIfNeeded: port &* 40_503 &+ Int(client)),
            start: start + TimeSpan(nanoseconds: Int64(milliseconds * 1e6)),
            step: .microseconds(100))
    }

    /// A whole connection; the client is `roundTrip` away.
    private static func connection(
        _ number: Int, at milliseconds: Double, roundTrip: Duration
    ) -> Conversation {
        let talk = talk(
            0x0a02_0000 + UInt32(number % 2_000), 20_000 + number % 40_000, at: milliseconds)
        talk.client.syn()
        talk.server.synAck()
        talk.client.ack(after: roundTrip)
        talk.client.send(200)
        talk.server.ack()
        talk.server.send(400)
        talk.client.ack(after: roundTrip)
        talk.client.fin()
        talk.server.fin()
        talk.client.ack(after: roundTrip)
        return talk
    }

    /// What lies within the first three seconds.
    private static func cut(_ talks: [Conversation]) throws -> Capture {
        try Capture(talks, until: start + .seconds(3))
    }

    @Test func `1,500 SYNs per second beside 100 connections per second are critical at once`()
        throws
    {
        var talks = (0..<300).map {
            Self.connection($0, at: Double($0) * 10, roundTrip: .milliseconds(20))
        }
        for number in 0..<4_500 {
            let source = 0xc633_6401 + UInt32(number * 7 % 250)
            let talk = Self.talk(source, 1_024 + number * 13 % 60_000, at: Double(number) / 1.5)
            talk.client.syn()
            talk.server.synAck()
            talk.server.retransmit(after: .seconds(1))
            talks.append(talk)
        }
        let capture = try Self.cut(talks)
        let findings = try capture.analysis().report().report.findings
        let names = findings.map { "\($0.key.diagnosis.name) \($0.count)" }
        let flood = try #require(findings.first { $0.key.diagnosis == .synFlood }, "\(names)")
        #expect(flood.severity == .critical)
        #expect(flood.key.service?.port == 443)
        #expect(findings.first?.key.diagnosis == .synFlood)
        #expect(flood.measure > 200)
    }

    @Test
    func `1,500 connections per second from 200 ms away are no flood, nor are their SYNs alone`()
        throws
    {
        let talks = (0..<4_500).map {
            Self.connection($0, at: Double($0) / 1.5, roundTrip: .milliseconds(200))
        }
        let capture = try Self.cut(talks)
        let whole = try capture.analysis().report().report.findings
        #expect(whole.allSatisfy { $0.severity >= .notice })
        #expect(!whole.contains { $0.key.diagnosis == .synFlood })
        // As tcpdump's filter `tcp[tcpflags] & tcp-syn != 0` leaves them, and `== tcp-syn`.
        for keeps in [{ $0.contains(.syn) }, { $0 == .syn }] as [(TCPFlags) -> Bool] {
            let filtered = try Capture(talks, until: Self.start + .seconds(3)) { keeps($0.flags) }
            let findings = try filtered.analysis().report().report.findings
            #expect(findings.allSatisfy { $0.severity >= .notice })
            #expect(!findings.contains { $0.key.diagnosis == .synFlood })
        }
    }
}
