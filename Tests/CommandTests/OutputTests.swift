import Foundation
import Testing

struct OutputTests {
    /// Every text that the command prints about captures, but for tables whose lines are whole in a pipe.
    static let texts: [[String]] = [
        [], ["report", "--all", "--local", "10.1.1.2,2001:db8:1:1::2"],
        ["report", "--states", "rfc"], ["report", "--states", "windows"],
        ["netstat", "--histogram"], ["netstat", "--as", "10.1.1.2"],
        ["explain", "--stream", "0"], ["explain", "--stream", "1", "--states", "windows"],
    ]

    @Test(arguments: Tool.captures, texts)
    func `No line of text is longer than 80 columns`(
        _ capture: String, _ arguments: [String]
    ) throws {
        let outcome = try Tool.run(Tool.path, arguments + [Tool.capture(capture)])
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.lines.filter { $0.count > 80 } == [])
        #expect(outcome.lines.filter { $0.hasSuffix(" ") } == [])
        #expect(!outcome.output.contains("\u{1b}"))
    }

    @Test(
        arguments: [
            [], ["report"], ["transitions"], ["connections"], ["interfaces"], ["netstat"],
            ["explain"], ["check"], ["compare"], ["events"], ["live"], ["serve"], ["split"],
            ["part"], ["merge"], ["zabbix"], ["schema"], ["extcap"],
        ], [60, 80])
    func `Help fits the terminal and has examples`(_ command: [String], _ columns: Int) throws {
        let outcome = try Tool.run(
            Tool.path, command + ["--help"], environment: ["COLUMNS": "\(columns)"])
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.contains("EXAMPLES"))
        #expect(outcome.lines.filter { $0.count > columns } == [])
    }

    @Test(arguments: Tool.captures, ["report", "transitions", "connections"])
    func `Each line of JSON output is an object`(_ capture: String, _ command: String) throws {
        let outcome = try Tool.run(command, "--json", Tool.capture(capture))
        #expect(outcome.code == 0)
        #expect(try !Tool.objects(outcome.output).isEmpty)
    }

    @Test func `The report's JSON lines come in order`() throws {
        let outcome = try Tool.run("--json", Tool.capture("incident.pcapng"))
        let keys = try Tool.objects(outcome.output).compactMap(\.keys.first)
        #expect(keys.first == "capture")
        #expect(keys[1] == "state_counts")
        let end = try #require(keys.firstIndex(of: "endings"))
        #expect(Set(keys[2..<end]) == ["finding"])
        #expect(Set(keys[(end + 1)...]) == ["quality"])
    }

    @Test func `Transitions have the fields that others read`() throws {
        let outcome = try Tool.run("transitions", "--json", Tool.capture("refused.pcap"))
        let line = try #require(try Tool.objects(outcome.output).first)
        for field in ["ts", "client", "server", "endpoint", "from", "to", "grade", "frame"] {
            #expect(line[field] != nil)
        }
        #expect(line["from"] as? String == "CLOSE")
        #expect(line["to"] as? String == "SYN_SENT")
        #expect(line.keys.contains("not_before"))
        #expect(line.keys.contains("not_after"))
    }

    @Test func `The counts of the states are read by awk, by role and for both ends`() throws {
        let capture = Tool.capture("incident.pcapng")
        let outcome = try Tool.bash(
            """
            $WIRESTATE '\(capture)' | awk '{for (i = 1; i < NF; i++)
                if ($i == "CLOSE_WAIT" && $(i + 1) ~ /^[0-9]+$/) print $(i + 1)}' | sort -n
            """)
        #expect(outcome.output == "12\n43\n55\n")
    }

    @Test(arguments: ["netstat", "ss", "rfc", "otel", "bsd", "windows"])
    func `States are spelled as asked`(_ spelling: String) throws {
        let names = [
            "netstat": "SYN_RECV", "ss": "SYN-RECV", "rfc": "SYN-RECEIVED",
            "otel": "syn_received", "bsd": "SYN_RCVD", "windows": "SYN_RECEIVED",
        ]
        let outcome = try Tool.run(
            "--states", spelling, Tool.capture("syn-recv-stuck.pcap"))
        #expect(outcome.output.contains(try #require(names[spelling]) + " "))
    }

    @Test func `Files that follow one another are one time line, whose frames count on`() throws {
        let first = try Tool.objects(
            try Tool.run("--json", Tool.capture("close-wait-leak.pcap")).output)
        let frames = (first.first?["capture"] as? [String: Any])?["frames"] as? Int
        let outcome = try Tool.run(
            "--json", "--all", Tool.capture("close-wait-leak.pcap"),
            Tool.capture("zero-window-stall.pcap"))
        let objects = try Tool.objects(outcome.output)
        let summary = try #require(objects.first?["capture"] as? [String: Any])
        let stuck = try Tool.connections(outcome.output).filter { $0["situation"] is String }
        #expect((summary["files"] as? [String])?.count == 2)
        #expect(stuck.allSatisfy { $0["file"] is NSNull })
        #expect(stuck.count == 9)
        let numbers = stuck.compactMap { $0["frame"] as? Int }
        let count = try #require(frames)
        #expect(numbers.contains { $0 <= count } && numbers.contains { $0 > count })
    }

    @Test func `Several files give what one file of all their frames gives`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let one = try Tool.run("connections", capture)
        let two = try Tool.run("connections", capture, Tool.capture("refused.pcap"))
        #expect(two.lines.count == one.lines.count + 6)
    }

    @Test func `A filter as last words is the filter of --filter`() throws {
        let capture = Tool.capture("incident.pcapng")
        let words = try Tool.run("--json", "--all", capture, "--", "port", "5432")
        let option = try Tool.run("--json", "--all", "--filter", "port 5432", capture)
        #expect(words.output == option.output)
        #expect(try Tool.connections(words.output).count { $0["situation"] is String } == 16)
        // Streams are counted by Wireshark over the whole file.
        #expect(!words.output.contains("tcp.stream eq"))
    }

    @Test func `Standard input is read as a file is`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let file = try Tool.run("connections", "--json", capture)
        let pipe = try Tool.bash("cat '\(capture)' | $WIRESTATE connections --json -")
        #expect(pipe.output == file.output)
        let redirected = try Tool.run("connections", "--json", "-", input: capture)
        #expect(redirected.output == file.output)
    }

    /// What a program before it has read is not part of it.
    @Test(arguments: [1, 2]) func `Standard input is read from where it is`(threads: Int) throws {
        let folder = try Tool.temporaryFolder()
        let capture = try Data(
            contentsOf: URL(fileURLWithPath: Tool.capture("close-wait-leak.pcap")))
        var bytes = Data(repeating: 0, count: 100) + capture.prefix(24)
        while bytes.count < 2_000_000 { bytes += capture.dropFirst(24) }
        let file = folder.appendingPathComponent("file").path
        try bytes.write(to: URL(fileURLWithPath: file))
        let command = "$WIRESTATE connections --threads \(threads) -"
        let pipe = try Tool.bash("tail -c +101 '\(file)' | \(command)")
        let rest = try Tool.bash(
            "{ dd bs=100 count=1 of=/dev/null status=none; \(command); } < '\(file)'")
        #expect(pipe.code == 0 && pipe.lines.count > 2)
        #expect(rest.output == pipe.output)
    }

    @Test func `A timer takes another value`() throws {
        let capture = Tool.capture("incident.pcapng")
        let short = try Tool.run("--timer", "time-wait=1s", capture)
        let long = try Tool.run(capture)
        #expect(long.output.contains("TIME_WAIT      155"))
        #expect(!short.output.contains("TIME_WAIT      155"))
    }

    @Test(arguments: ["libpcap", "own"])
    func `Either reader gives the same report`(_ engine: String) throws {
        let capture = Tool.capture("incident.pcapng")
        let standard = try Tool.run("--json", capture)
        #expect(try Tool.run("--engine", engine, "--json", capture).output == standard.output)
    }

    @Test func `A full table is no secret`() throws {
        let outcome = try Tool.run("--max-connections", "10", Tool.capture("incident.pcapng"))
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("The connection table was full: "))
    }
}
