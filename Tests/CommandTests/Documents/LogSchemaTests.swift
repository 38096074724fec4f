import Diagnosis
import Foundation
import Reports
import TCPState
import TestKit
import Testing
import Wire

/// The lines of live runs, and what `events` makes of them, by the JSON schema.
struct LogSchemaTests {
    private static let time = Timestamp(nanoseconds: 1_795_219_200_123_456_789)

    /// The server's program does not close: its end is in CLOSE-WAIT, the client's in FIN-WAIT-2.
    private static let leak: ConnectionRecord = {
        let talk = Conversation(incident: ())
        talk.open()
        talk.client.fin()
        talk.server.ack()
        return talk.record!
    }()

    /// Every kind of line that a live run writes, but for changes of state.
    private static func liveLines() throws -> String {
        let later = leak.connection.lastSeen + .seconds(600)
        let example = try #require(ConnectionExaminer(leak, at: later).problem)
        let locations: [EventLocation?] = [
            nil, EventLocation(interface: "eth0", vlan: nil, isOneOfSeveral: false),
            EventLocation(interface: "eth1", vlan: 100, isOneOfSeveral: true),
        ]
        var sink = TextSink()
        var events = LiveEvents(JSONStyle())
        for (location, process) in zip(locations, [nil, "nginx/4711", "a\u{1b}\"b"]) {
            for hasEnded in [false, true] {
                events.write(
                    example, hasEnded: hasEnded, at: later, location: location, process: process,
                    to: &sink)
                for disagreement in Disagreement.allCases {
                    events.write(
                        disagreement, hasEnded: hasEnded, local: "10.1.1.2:8080",
                        remote: "10.1.1.101:40000", wire: process == nil ? nil : .closeWait,
                        kernel: hasEnded ? .established : nil, process: process, at: time, to: &sink
                    )
                }
            }
        }
        for change in ["opened", "grew", "closed"] {
            events.write(FindingGroup(example), change: change, at: later, to: &sink)
        }
        for local in [[], [leak.address(.low)]] as [AddressSet] {
            var counts = RoleCounts(local: local)
            counts.count(leak)
            events.write(counts, at: time, to: &sink)
        }
        events.write(notice: "packets lost: 7 by the kernel\u{1b}[31m", at: time, to: &sink)
        return sink.text
    }

    /// Lines whose numbers floating point does not have, as a damaged log or a stranger may write them.
    private static let largeNumbers = """
        {"event":"finding","change":"opened","ts":9223372036854775807,"diagnosis":"refused",\
        "severity":"warning","fault":"server","service":"a","count":9007199254740993,\
        "oldest":-9223372036854775808}
        {"event":"stuck","ts":9007199254740993,"diagnosis":"refused","severity":"warning","server":"a",\
        "since":-9007199254740993}
        {"event":"states","ts":-9223372036854775808,"states":{"ESTABLISHED":9007199254740992}}
        {"event":"states","ts":5,"states":{"ESTABLISHED":9007199254740993}}
        {"event":"states","ts":5,"states":{"ESTABLISHED":-1}}

        """

    /// What `events --json` prints of lines.
    private static func events(_ lines: String) throws -> String {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("lines")
        try Data(lines.utf8).write(to: file)
        return try Tool.run("events", "--json", file.path).output
    }

    /// The logs that are read back: of a live run over a pipe, of every kind of line, of odd ones.
    private static func logs() throws -> [String] {
        let leak = Tool.capture("close-wait-leak.pcap")
        let run = try Tool.bash(
            "cat '\(leak)' | $WIRESTATE live - --json --threshold close-wait=1s")
        let golden = TextOutputTests.folder.appendingPathComponent("events.jsonl")
        return [
            run.output, try liveLines(), try String(contentsOf: golden, encoding: .utf8),
            largeNumbers, "",
        ]
    }

    @Test(
        .enabled(
            if: SchemaTests.python != nil,
            "skipped: JSON Schema: Scripts/setup test installs jsonschema"))
    func `lines of live runs, and what events makes of them, follow the schema`() throws {
        let logs = try Self.logs()
        let summaries = try logs.map { try Self.events($0) }
        let names = try Set(Tool.objects(summaries.joined()).flatMap(\.keys))
        #expect(names.isSuperset(of: ["event_log", "logged_finding", "logged_stuck", "states"]))
        let kinds = try Set(Tool.objects(logs[1]).compactMap { $0["event"] as? String })
        let expected = [
            "stuck", "cleared", "finding", "states", "notice", "disagreement", "agreement",
        ]
        #expect(kinds == Set(expected))
        let split = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: split) }
        let shards = try Tool.run(
            "split", "--json", "--shards", "3", "--out", split.path, Tool.capture("refused.pcap"))
        try SchemaTests.expectValid(
            [("any", logs[0]), ("any", logs[1]), ("split", shards.output)]
                + summaries.map { ("any", $0) }, atLeast: 100)
    }

    @Test func `what a reader may round of a log has its digits in a text`() throws {
        let output = try Self.events(Self.largeNumbers)
        let lines = try Tool.objects(output)
        for line in lines { SchemaTests.expectExact(line, "events") }
        let finding = try #require(
            lines.compactMap { $0["logged_finding"] }.first as? [String: Any])
        #expect(finding["most_text"] as? String == "9007199254740993")
        // Timestamps of 64 bits: tai64n and date(1) agree on the last second.
        #expect(output.contains("\"last_seen_time\":\"2262-04-11T23:47:16.854775807Z\""))
        let log = try #require(lines.first?["event_log"] as? [String: Any])
        #expect(log["damaged_lines"] as? Int == 2)
        #expect(lines.compactMap { $0["states"] as? [String: Int] } == [["ESTABLISHED": 1 << 53]])
    }
}
