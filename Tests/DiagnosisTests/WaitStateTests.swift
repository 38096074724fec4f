import Diagnosis
import TCPState
import TestKit
import Testing
import Wire

/// A conversation, and what must be said of it: from the states that RFC 9293 gives its ends.
struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let waitState: WaitState?
    let ending: Ending
    /// Seconds from the last segment to the end of the capture.
    var rest = 0.0
    let talk: @Sendable (Conversation) -> Void

    init(
        _ name: String, _ waitState: WaitState?, _ ending: Ending, rest: Double = 0,
        _ talk: @escaping @Sendable (Conversation) -> Void
    ) {
        testDescription = name
        self.waitState = waitState
        self.ending = ending
        self.rest = rest
        self.talk = talk
    }

    static let all = [
        Row("a handshake", nil, .open) { $0.open() },
        Row("data and its acknowledgment", nil, .open) { talk in
            talk.open()
            talk.client.send(100)
            talk.server.send(5000)
            talk.client.ack()
        },
        Row("SYN three times", .opening(.client), .unanswered) { talk in
            talk.client.syn()
            for _ in 0..<2 { talk.client.retransmit() }
        },
        Row("SYN,ACK without an answer", .opening(.server), .unanswered) { talk in
            talk.client.syn()
            talk.server.synAck()
            for _ in 0..<3 { talk.server.retransmit() }
        },
        Row("SYN, RST", nil, .refused) { talk in
            talk.client.syn()
            talk.server.rstAck()
        },
        Row("the client's FIN is acknowledged", .halfClosed(by: .client), .halfClosed, rest: 5) {
            talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
        },
        Row("the server's FIN is acknowledged", .halfClosed(by: .server), .halfClosed, rest: 5) {
            talk in
            talk.open()
            talk.server.fin()
            talk.client.ack()
        },
        Row(
            "the server sends on after the client's FIN", .workingHalfClose(by: .client),
            .halfClosed
        ) { talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
            for _ in 0..<5 {
                talk.server.send(1000)
                talk.client.ack()
            }
        },
        Row(
            "the server sent something after the client's FIN, long ago",
            .halfClosed(by: .client), .halfClosed, rest: 30
        ) { talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
            talk.server.send(1000)
            talk.client.ack()
        },
        Row("a FIN without an answer", .closing(.client), .closing, rest: 5) { talk in
            talk.open()
            talk.client.fin()
            for _ in 0..<3 { talk.client.retransmit() }
        },
        Row("the last FIN without an answer", .closing(.server), .closing, rest: 5) { talk in
            talk.open()
            talk.client.fin()
            talk.server.ack()
            talk.server.fin()
            for _ in 0..<3 { talk.server.retransmit() }
        },
        Row("a clean close by the client", nil, .closedByClient) { talk in
            talk.open()
            talk.client.fin()
            talk.server.fin()
            talk.client.ack()
        },
        Row("a clean close by the server", nil, .closedByServer) { talk in
            talk.open()
            talk.server.fin()
            talk.client.ack()
            talk.client.fin()
            talk.server.ack()
        },
        Row("a reset by the client", nil, .resetByClient) { talk in
            talk.open()
            talk.client.rstAck()
        },
        Row("a reset by the server", nil, .resetByServer) { talk in
            talk.open()
            talk.client.send(10)
            talk.server.rstAck()
        },
        Row("a FIN of the only end that the capture shows", nil, .unknown, rest: 5) { talk in
            talk.server.send(100)
            talk.server.fin()
        },
        Row("data repeated twice", nil, .open) { talk in
            talk.open()
            talk.server.send(10)
            for _ in 0..<2 { talk.server.retransmit() }
        },
        Row("data repeated three times", .unansweredData(from: .server), .open) { talk in
            talk.open()
            talk.server.send(10)
            for _ in 0..<3 { talk.server.retransmit() }
        },
        Row("the client's window closed for half a second", nil, .open, rest: 0.5) { talk in
            talk.open()
            talk.server.send(10)
            talk.client.ack { $0.window = 0 }
        },
        Row("the client's window closed for two seconds", .zeroWindow(at: .client), .open, rest: 2)
        { talk in
            talk.open()
            talk.server.send(10)
            talk.client.ack { $0.window = 0 }
        },
        Row("the client's window open again", nil, .open, rest: 2) { talk in
            talk.open()
            talk.server.send(10)
            talk.client.ack { $0.window = 0 }
            talk.client.ack()
        },
    ]
}

struct WaitStateTests {
    @Test(arguments: Row.all)
    func `A conversation gives the situation of its states`(_ row: Row) throws {
        let talk = Conversation(incident: ())
        row.talk(talk)
        talk.wait(.seconds(row.rest))
        let connection = try #require(talk.record).connection
        let end = talk.now
        #expect(WaitState(of: connection, at: end) == row.waitState)
    }

    @Test(arguments: Row.all)
    func `A conversation gives the ending that its last segments show`(_ row: Row) throws {
        let talk = Conversation(incident: ())
        row.talk(talk)
        #expect(Ending(of: try #require(talk.record).connection) == row.ending)
    }

    @Test func `A FIN that has only gone past is inferred`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.fin()
        let connection = try #require(talk.record).connection
        #expect(connection.server.state == .closeWait)
        #expect(connection.server.grade == .inferred)
    }
}

struct RunSummaryTests {
    @Test func `Each connection counts once, by role and by ending`() throws {
        var summary = RunSummary(local: [Address(ipv4: 0x0a01_0102)], exampleLimit: nil)
        for row in Row.all {
            let talk = Conversation(incident: ())
            row.talk(talk)
            talk.wait(.seconds(row.rest))
            summary.add(try #require(talk.record), at: talk.now)
        }
        let count = UInt64(Row.all.count)
        #expect(summary.clients.present.reduce(0) { $0 + $1.count } == count)
        #expect(summary.servers.present.reduce(0) { $0 + $1.count } == count)
        #expect(summary.endings.values.reduce(0, +) == count)
        #expect(summary.locals == summary.servers)
        #expect(summary.remotes == summary.clients)
        let examples = summary.findings.groups().flatMap(\.examples)
        #expect(Set(examples.compactMap(\.waitState)) == Set(Row.all.compactMap(\.waitState)))
    }

    @Test func `A connection that left the full table early is in no state at the end`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.fin()
        talk.server.ack()
        var summary = RunSummary()
        summary.add(try #require(talk.record), at: nil)
        #expect(summary.clients.present.isEmpty)
        #expect(summary.endings == [.halfClosed: 1])
    }
}

struct AgeTests {
    @Test(
        arguments: zip(
            [
                -5, 0, 45_600, 320_000_000, 18_400_000_000, 99_999_999_999, 100_000_000_000,
                312_000_000_000, 3_600_000_000_000, 7_500_000_000_000, 1_050_000_000_000_000,
            ] as [Int64],
            [
                "0 µs", "0 µs", "45 µs", "320 ms", "18.4 s", "99.9 s", "1m 40s", "5m 12s",
                "1h 00m", "2h 05m", "12d 03h",
            ]))
    func `An age is given in two units at most`(_ nanoseconds: Int64, _ text: String) {
        #expect(Age(TimeSpan(nanoseconds: nanoseconds)).description == text)
    }
}
