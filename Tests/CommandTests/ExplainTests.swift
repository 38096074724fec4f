import Diagnosis
import Foundation
import Reports
import TestKit
import Testing
import Wire

struct ExplainTests {
    static func ladder(_ talk: Conversation, _ arguments: String...) throws -> Tool.Outcome {
        var outcome = Tool.Outcome(code: 0, output: "", errors: "")
        try NetstatTests.with(talk) { file in
            outcome = try Tool.run(Tool.path, ["explain", file] + arguments)
        }
        return outcome
    }

    @Test func `States stand on both sides of each segment, with relative numbers`() throws {
        let talk = Conversation()
        talk.open()
        talk.client.send(300)
        talk.server.ack()
        talk.client.fin()
        talk.server.ack()
        let outcome = try Self.ladder(talk, "--stream", "0")
        #expect(outcome.code == 0)
        let lines = outcome.lines.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains { $0.hasPrefix("1 0.000000 SYN_SENT ── SYN seq 0 ─") })
        #expect(
            lines.contains {
                $0.hasPrefix("2 ") && $0.hasSuffix(" SYN,ACK seq 0 ack 1 ── SYN_RECV")
            })
        #expect(lines.contains { $0.hasPrefix("4 ") && $0.contains("ACK seq 1 len 300 ack 1 ─") })
        #expect(lines.contains { $0.hasPrefix("6 ") && $0.hasSuffix("▶ CLOSE_WAIT") })
        #expect(lines.contains { $0.hasPrefix("7 0.006000 FIN_WAIT2 ◀") })
        #expect(
            outcome.output.contains(
                "  - client ESTABLISHED → FIN_WAIT1, proved: it sent a FIN in frame 6.\n"))
        #expect(
            outcome.output.contains(
                "client FIN_WAIT1 → FIN_WAIT2, inferred: frame 7 acknowledges its FIN;"))
    }

    @Test func `A retransmission is marked, and silence is shown as time`() throws {
        let talk = Conversation()
        talk.open()
        talk.client.send(10)
        talk.client.retransmit(after: .seconds(3))
        let lines = try Self.ladder(talk, "--stream", "0").lines
        #expect(lines.contains { $0.hasSuffix("⋮ 3.0 s of silence") })
        #expect(lines.filter { $0.hasSuffix("! retransmission") }.count == 1)
    }

    @Test func `A withdrawn inference is named at the frame that disproves it`() throws {
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck()
        talk.client.ack(.lost)
        talk.server.retransmit(after: .seconds(1))
        talk.client.ack()
        let text = try Self.ladder(talk, "--stream", "0").lines
            .map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: " ")
        #expect(text.contains("! withdrawn: the server did not go from SYN_RECV to ESTABLISHED"))
    }

    @Test func `A long transfer is folded with its bytes`() throws {
        let talk = Conversation()
        talk.open()
        for _ in 0..<50 {
            talk.server.send(1000)
            talk.client.ack()
        }
        let outcome = try Self.ladder(
            talk, "--connection", "10.0.0.2:80 10.0.0.1:40000")
        // 100 segments: the first two and the last two are shown.
        #expect(outcome.output.contains("⋮ 96 segments, 0 B ▶, ◀ 48 kB, "))
        #expect(outcome.lines.count < 30)
    }

    @Test(arguments: [
        [], ["--stream", "0", "--connection", "10.0.0.1:1 10.0.0.2:2"], ["--stream", "-1"],
        ["--connection", "10.0.0.1 10.0.0.2"], ["--stream", "99"],
    ])
    func `Nothing, too much and no such connection are wrong usage`(_ arguments: [String]) throws {
        let outcome = try Tool.run(
            Tool.path, ["explain", Tool.capture("refused.pcap")] + arguments)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.isEmpty)
    }

    @Test(arguments: [
        "LISTEN", "SYN_SENT", "SYN_RCVD", "estab", "FIN-WAIT-1", "FIN_WAIT2", "close_wait",
        "CLOSING", "LAST-ACK", "TimeWait", "CLOSED", "UNKNOWN",
    ])
    func `A state is explained by any of its names in 80 columns`(_ name: String) throws {
        let outcome = try Tool.run("explain", name)
        #expect(outcome.code == 0)
        #expect(outcome.lines.filter { $0.count > 80 || $0.hasSuffix(" ") } == [])
        let parts = [
            "Meaning on this side", "Entered by (RFC 9293)", "Left by (RFC 9293)",
            "What keeps it there", "Settings",
        ]
        for part in parts {
            #expect(outcome.output.contains("\n\(part)\n"))
        }
    }
}

/// `explain KIND`.
struct KindExampleTests {
    /// What the labels of the captures say that they show.
    @Test func `the example of a kind shows it`() throws {
        var count = 0
        for kind in Diagnosis.allCases {
            guard let example = kind.example else { continue }
            count += 1
            let path = Tool.package.appendingPathComponent(example)
            let label = try Data(
                contentsOf: path.deletingPathExtension().appendingPathExtension("json"))
            let labels = try JSONSerialization.jsonObject(with: label) as? [String: Any]
            let expected = labels?["expected"] as? [[String: Any]] ?? []
            if expected.contains(where: { $0["diagnosis"] as? String == kind.name }) { continue }
            let found = try Tool.run("report", "--kind", kind.name, "--json", path.path).output
            #expect(found.contains("\"diagnosis\":\"\(kind.name)\""), "\(example)")
        }
        #expect(count > 30)
    }

    @Test func `explain KIND prints JSON that says the same`() throws {
        let text = try Tool.run("explain", "syn-flood").output
        let objects = try Tool.objects(try Tool.run("explain", "--json", "syn-flood").output)
        let guide = try #require(objects.first?["kind_guide"] as? [String: Any])
        #expect(guide["diagnosis"] as? String == "syn-flood")
        let thresholds = try #require(guide["thresholds"] as? [[String: Any]])
        #expect(!thresholds.isEmpty)
        for threshold in thresholds {
            #expect(text.contains(try #require(threshold["threshold"] as? String)))
        }
        #expect(text.contains(try #require(guide["example"] as? String)))
    }
}
