import Foundation
import TestKit
import Testing
import Wire

struct NetstatTests {
    static let awk = "awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}' | sort"

    /// A capture of one conversation in a file that is removed afterwards.
    static func with(_ talk: Conversation, _ body: (String) throws -> Void) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("talk.pcap")
        try Data(talk.pcap).write(to: file)
        try body(file.path)
    }

    /// The rows at a moment, fields only.
    static func rows(_ file: String, _ arguments: String...) throws -> [String] {
        let outcome = try Tool.run(Tool.path, ["netstat", file] + arguments)
        #expect(outcome.code == 0)
        return outcome.lines.filter { $0.hasPrefix("tcp") }.map {
            $0.split(separator: " ").dropFirst().joined(separator: " ")
        }
    }

    @Test(arguments: Tool.captures)
    func `The old awk line counts what the report counts`(_ capture: String) throws {
        let outcome = try Tool.bash("$WIRESTATE netstat '\(Tool.capture(capture))' | \(Self.awk)")
        let report = try Tool.run("--json", Tool.capture(capture))
        let counts = try Tool.objects(report.output).compactMap {
            $0["state_counts"] as? [String: Any]
        }
        let both = try #require(counts.first?["states"] as? [String: Int])
        let expected = both.filter { !["CLOSE", "UNKNOWN"].contains($0.key) }
            .map { "\($0.key) \($0.value)" }.sorted()
        #expect(outcome.output.split(separator: "\n").map(String.init).sorted() == expected)
    }

    @Test(arguments: Tool.captures)
    func `The table at the end has the kernel's sockets`(_ capture: String) throws {
        let stem = capture.split(separator: ".")[0]
        let text = try String(contentsOfFile: Tool.capture("\(stem).end.jsonl"), encoding: .utf8)
        let kernel = try Tool.objects(text).map { socket in
            let words = ["local", "remote", "state"].compactMap { socket[$0] as? String }
            return words.joined(separator: " ")
        }
        let outcome = try Tool.run("netstat", "--json", Tool.capture(capture))
        let ours = try Tool.objects(outcome.output).map { row in
            let words = ["local", "remote", "state"].compactMap { row[$0] as? String }
            return words.joined(separator: " ")
        }
        // What died without a packet, or has no kernel, is in one of them only.
        #expect(Set(kernel).subtracting(ours).isEmpty)
    }

    @Test func `Columns are netstat's`() throws {
        let outcome = try Tool.run("netstat", Tool.capture("close-wait-leak.pcap"))
        #expect(
            outcome.lines.prefix(3) == [
                "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
                "tcp        0      0 10.1.1.1:57970          10.1.1.2:8080           FIN_WAIT2",
                "tcp        0      0 10.1.1.2:8080           10.1.1.1:57970          CLOSE_WAIT",
            ])
    }

    @Test func `States and send queues are those of the moment`() throws {
        // 1 ms a segment from …000.001: SYN, SYN,ACK, ACK, 700 bytes, their ACK, FIN, its ACK.
        let talk = Conversation()
        talk.open()
        talk.client.send(700, after: .seconds(1))
        talk.server.ack(after: .seconds(1))
        talk.client.fin(after: .seconds(1))
        talk.server.ack(after: .seconds(1))
        talk.server.ack(after: .seconds(9))
        try Self.with(talk) { file in
            let client = "10.0.0.1:40000 10.0.0.2:80 "
            let expected = [
                "1700000000.0015": "0 1 \(client)SYN_SENT",
                "+0.5s": "0 0 \(client)ESTABLISHED",
                "+1.5s": "0 700 \(client)ESTABLISHED",
                "2023-11-14T22:13:22.5Z": "0 0 \(client)ESTABLISHED",
                "2023-11-14T23:13:23.5+01:00": "0 1 \(client)FIN_WAIT1",
                "22:13:26": "0 0 \(client)FIN_WAIT2",
                "end": "0 0 \(client)FIN_WAIT2",
            ]
            for (time, row) in expected {
                let found = try Self.rows(file, "--at", time, "--as", "10.0.0.1")
                #expect(found == [row])
            }
            let both = try Self.rows(file)
            #expect(both.count == 2)
            let before = try Self.rows(file, "--at", "1699999999")
            #expect(before.isEmpty)
        }
    }

    @Test func `What a later packet disproves is not shown`() throws {
        // The third ACK is lost behind the tap, as the repeated SYN,ACK shows.
        let talk = Conversation()
        talk.client.syn()
        talk.server.synAck()
        talk.client.ack(.lost)
        talk.server.retransmit(after: .seconds(1))
        talk.client.ack()
        talk.client.send(10, after: .seconds(1))
        talk.server.ack()
        try Self.with(talk) { file in
            let server = try Self.rows(file, "--at", "+0.5s", "--as", "10.0.0.2")
            #expect(server == ["0 0 10.0.0.2:80 10.0.0.1:40000 SYN_RECV"])
        }
    }

    @Test func `A pipe gives what the file gives`() throws {
        let capture = Tool.capture("incident.pcapng")
        let file = try Tool.run("netstat", "--at", "+3s", capture)
        let pipe = try Tool.bash("cat '\(capture)' | $WIRESTATE netstat --at +3s -")
        #expect(pipe.output == file.output)
        #expect(!pipe.output.isEmpty)
    }

    @Test func `A series has a time above each table, and the histogram the same numbers`() throws {
        let capture = Tool.capture("incident.pcapng")
        let series = try Tool.run("netstat", "--every", "5s", capture)
        #expect(series.lines.count { $0.hasPrefix("# 2026-11-21T01:0") } == 5)
        let tables = series.output.components(separatedBy: "# ").dropFirst()
        let expected = tables.map { $0.split(separator: "\n").count { $0.hasSuffix("CLOSE_WAIT") } }
        let outcome = try Tool.run("netstat", "--every", "5s", "--histogram", "--json", capture)
        let counts = try Tool.objects(outcome.output).map {
            ($0["states"] as? [String: Int])?["CLOSE_WAIT"] ?? 0
        }
        #expect(counts == expected)
        #expect(counts.last == 55)
    }

    @Test(arguments: ["netstat", "ss", "rfc", "otel", "bsd", "windows"])
    func `The histogram fits 80 columns`(_ spelling: String) throws {
        let outcome = try Tool.run(
            "netstat", "--histogram", "--states", spelling, Tool.capture("incident.pcapng"))
        #expect(outcome.code == 0)
        #expect(outcome.lines.filter { $0.count > 80 } == [])
    }

    @Test func `The form of ss has its names`() throws {
        let outcome = try Tool.run("netstat", "--ss", Tool.capture("half-open.pcap"))
        #expect(outcome.output.hasPrefix("State       Recv-Q Send-Q "))
        #expect(outcome.output.contains("\nESTAB  "))
    }

    @Test(arguments: [
        ["--at", "yesterday"], ["--at", "2026-02-30T00:00:00Z"], ["--at", "1.1234567890"],
        ["--at", "25:00:00"], ["--as", "host"], ["--every", "0s"], ["--every", "never"],
    ])
    func `What is no time and no address is wrong usage`(_ arguments: [String]) throws {
        let outcome = try Tool.run(
            Tool.path, ["netstat", Tool.capture("refused.pcap")] + arguments)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
    }
}

struct TimerColumnTests {
    // TIME_WAIT lasts 60 s on Linux, up to 62 with its coarse clock; the capture ends 20 s after the
    // first connections.
    @Test func `Timers stand behind the state where one runs`() throws {
        let capture = Tool.capture("incident.pcapng")
        let outcome = try Tool.run("netstat", "-o", capture)
        let rows = outcome.lines.filter { $0.hasPrefix("tcp") }
        let waiting = rows.filter { $0.contains(" TIME_WAIT ") }
        #expect(waiting.count == 234)
        for row in waiting {
            let seconds = row.split(separator: "(").last?.split(separator: "/").first
            let left = try #require(seconds.flatMap { Double($0) })
            #expect(left > 38 && left <= 62)
        }
        #expect(rows.contains { $0.hasSuffix("ESTABLISHED off (0.00/0/0)") })
        #expect(rows.contains { $0.hasSuffix("ESTABLISHED on (-/0/0)") })
        let objects = try Tool.objects(
            try Tool.run("netstat", "-o", "--json", capture).output)
        let timers = objects.filter { $0["timer_kind"] as? String == "timewait" }
        #expect(timers.count == rows.count { $0.contains(" timewait (") })
        for timer in timers {
            let left = try #require(timer["timer_left"] as? Int)
            #expect(left > 0 && left <= 62_000_000_000)
        }
        let ss = try Tool.run("netstat", "-o", "--ss", capture)
        #expect(ss.output.contains(" timer:(timewait,"))
    }
}
