import Foundation
import Testing

/// `compare` on recordings that have a capture at the client and one at the server.
struct CompareTests {
    static func pair(_ name: String) -> [String] {
        ["client", "server"].flatMap {
            ["--tap", "\($0)=" + Tool.capture("cases/\(name)-at-\($0).pcap")]
        }
    }

    /// The first verdict of each connection to the case's service.
    private static func verdicts(_ name: String) throws -> [[String: Any]] {
        let outcome = try Tool.run(Tool.path, ["compare", "--json"] + pair(name))
        #expect(outcome.code == 0)
        return try Tool.objects(outcome.output)
            .compactMap { $0["path"] as? [String: Any] }
            .filter { ($0["server"] as? String)?.hasSuffix(":8080") == true }
            .compactMap { ($0["verdicts"] as? [[String: Any]])?.first }
    }

    /// What the laboratory did in each recording: see the description in its label.
    @Test(arguments: [
        ("abort-by-client", "reset-arrived", "client", "proved"),
        ("abort-late-by-server", "reset-arrived", "server", "proved"),
        ("forged-rst", "reset-between", "between", "inferred"),
        ("refused", "reset-arrived", "server", "proved"),
        ("listener-closed", "reset-arrived", "server", "proved"),
    ])
    func `the verdict names who did it`(
        name: String, kind: String, actor: String, grade: String
    ) throws {
        let verdicts = try Self.verdicts(name)
        #expect(!verdicts.isEmpty)
        let found = verdicts.filter { $0["path_verdict"] as? String == kind }
        #expect(!found.isEmpty)
        for verdict in found {
            #expect(verdict["actor"] as? String == actor)
            #expect(verdict["grade"] as? String == grade)
            let evidence = try #require(verdict["evidence"] as? [[String: Any]])
            #expect(evidence.count == (grade == "proved" ? 2 : 1))
        }
    }

    /// The box of that recording sends its RSTs with TTL 47, the hosts theirs with 64.
    @Test func `a forged RST is told by its time to live`() throws {
        let outcome = try Tool.run(Tool.path, ["compare"] + Self.pair("forged-rst"))
        let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            text.contains(
                "The client tap shows a RST in the server's name (frame 5 of forged-rst-at-client.pcap, TTL 47;"
                    + " the server's other segments have TTL 64) that never passed the server tap"))
        for line in outcome.lines where !line.contains(".pcap") { #expect(line.count <= 80) }
    }

    @Test func `captures of unrelated traffic give one clear line`() throws {
        let outcome = try Tool.run(
            "compare", "--tap", "client=" + Tool.capture("half-open.pcap"), "--tap",
            "server=" + Tool.capture("refused.pcap"))
        #expect(outcome.code == 0)
        #expect(outcome.output.hasSuffix("\n\nNo connection of one tap was found at another.\n"))
    }

    @Test func `one tap is a usage error, a missing file a failure`() throws {
        let one = try Tool.run("compare", "--tap", "client=" + Tool.capture("refused.pcap"))
        #expect(one.code == 2)
        #expect(one.errors.contains("Name two taps or more"))
        let missing = try Tool.run(
            "compare", "--tap", "client=" + Tool.capture("refused.pcap"), "--tap",
            "server=/nowhere.pcap")
        #expect(missing.code == 3)
        #expect(missing.output.isEmpty)
    }

    @Test func `one connection is shown segment by segment, with the frames of both captures`()
        throws
    {
        let outcome = try Tool.run(
            Tool.path, ["compare", "--connection", "10.2.1.1:59798"] + Self.pair("forged-rst"))
        #expect(outcome.code == 0)
        let lines = outcome.lines.map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines.contains {
                $0.hasPrefix("0.000000 1 SYN_SENT ── SYN seq 0 ─") && $0.hasSuffix("▶ LISTEN 1")
            })
        let made = try #require(
            lines.firstIndex { $0.contains(" 5 CLOSE ◀") && $0.contains(" RST seq 1 ─× ") })
        #expect(lines[made].hasSuffix(" -"))
        #expect(lines[made + 1] == "! injected between server and client")
        let text = lines.joined(separator: " ")
        #expect(
            text.contains(
                "client ESTABLISHED → CLOSE, inferred: it accepted the RST in frame"
                    + " 5 of forged-rst-at-client.pcap"))
        #expect(text.contains("Findings of this connection"))
        for line in outcome.lines { #expect(line.count <= 80) }
    }

    /// RFC 9293, 3.5.2: a RST in the server's name, which the box between the taps has made.
    @Test func `explain and compare show the same of one connection, and nothing of others`()
        throws
    {
        let ends = ["--connection", "10.2.1.1:59798"] + Self.pair("forged-rst")
        for form in [[], ["--json"]] {
            let compared = try Tool.run(Tool.path, ["compare"] + form + ends)
            let explained = try Tool.run(Tool.path, ["explain"] + form + ends)
            #expect(explained.code == 0)
            #expect(!explained.output.isEmpty)
            #expect(explained.output == compared.output)
            if form.isEmpty { continue }
            let lines = try Tool.objects(explained.output)
            #expect(lines.count == 1)
            let path = try #require(lines.first?["path_explanation"] as? [String: Any])
            #expect(path["client"] as? String == "10.2.1.1:59798")
            let segments = try #require(path["traced_segments"] as? [[String: Any]])
            let made = segments.filter { segment in
                (segment["gaps"] as? [[String: Any]] ?? []).contains {
                    $0["fate"] as? String == "injected" && $0["to_tap"] as? String == "client"
                }
            }
            #expect(made.count == 1)
            #expect(made.first?["control_bits"] as? [String] == ["RST"])
            let frames = try #require(made.first?["evidence"] as? [[String: Any]])
            #expect(frames.map { $0["frame"] as? Int } == [5])
            #expect(frames.map { $0["ttl"] as? Int } == [47])
            let changes = try #require(path["transitions"] as? [[String: Any]])
            #expect(changes.count { $0["to"] as? String == "CLOSE" } == 2)
        }
    }

    @Test(arguments: [
        ["--stream", "0"], ["--connection", "10.2.1.1:59798", "more.pcap"],
        ["--connection", "10.2.1.1:59798", "--follow"],
    ])
    func `explain with taps needs a connection, and no other files`(wrong: [String]) throws {
        let outcome = try Tool.run(Tool.path, ["explain"] + wrong + Self.pair("forged-rst"))
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
    }

    /// Each host accepts the RST that the box sends it: frame 5 at the client, frame 7 at the server.
    @Test func `of each end the tap nearest to it tells the states`() throws {
        let outcome = try Tool.run(
            Tool.path, ["compare", "--transitions", "--json"] + Self.pair("forged-rst"))
        #expect(outcome.code == 0)
        let lines = try Tool.objects(outcome.output)
        #expect(!lines.isEmpty)
        for line in lines { #expect(line["tap"] as? String == line["endpoint"] as? String) }
        let own = lines.filter { $0["client"] as? String == "10.2.1.1:59798" }
        func steps(_ end: String) -> [[String?]] {
            own.filter { $0["endpoint"] as? String == end }
                .map { [$0["from"] as? String, $0["to"] as? String] }
        }
        #expect(
            steps("client") == [
                ["CLOSE", "SYN_SENT"], ["SYN_SENT", "ESTABLISHED"], ["ESTABLISHED", "CLOSE"],
            ])
        #expect(
            steps("server") == [
                ["LISTEN", "SYN_RECV"], ["SYN_RECV", "ESTABLISHED"], ["ESTABLISHED", "CLOSE"],
            ])
        let frames = own.filter { $0["to"] as? String == "CLOSE" }.map { $0["frame"] as? Int }
        #expect(Set(frames) == [5, 7])
    }

    @Test func `the page shows every verdict, and only what it may load`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("page.html").path
        let outcome = try Tool.run(
            Tool.path, ["compare", "--html", path] + Self.pair("forged-rst"))
        #expect(outcome.code == 0)
        let page = try String(contentsOfFile: path, encoding: .utf8)
        for text in [
            "reset-between: 10.2.1.1:59798 → 10.2.1.2:8080", "injected between server and client",
            "default-src &#39;none&#39;",
        ] {
            let isThere = page.contains(text)
            #expect(isThere, "\(text)")
        }
        // Seven connections.
        #expect(page.components(separatedBy: "class=\"ladder\"").count == 8)
    }

    /// tshark reads the packet comments.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")))
    func `the evidence has the packets of both taps, and what became of them`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try Tool.run(
            Tool.path, ["compare", "--evidence", folder.path] + Self.pair("forged-rst"))
        #expect(outcome.code == 0)
        let comments = try Tool.run(
            "/usr/bin/tshark",
            [
                "-r", folder.appendingPathComponent("client.pcapng").path, "-Y",
                "tcp.flags.reset == 1 && ip.ttl == 47", "-T", "fields", "-e", "frame.comment",
            ]
        ).output
        #expect(comments.contains("injected between server and client"))
        #expect(comments.contains("reset-between (inferred)"))
    }

    @Test func `anonymized output and evidence hold none of the addresses`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try Tool.run(
            Tool.path,
            ["compare", "--json", "--anonymize", "--evidence", folder.path]
                + Self.pair("forged-rst"))
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("reset-between"))
        let hasOld = outcome.output.contains("10.2.1.") || outcome.output.contains("2001:db8:2:1:")
        #expect(!hasOld)
        let bytes = try Data(contentsOf: folder.appendingPathComponent("server.pcapng"))
        #expect(bytes.count > 2000)
        #expect(bytes.range(of: Data([10, 2, 1, 1])) == nil)
    }
}
