import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// `wirestate check`: exit codes, JUnit XML and SARIF.
struct CheckTests {
    @Test(arguments: [
        ("close-wait-leak", "incident.pcapng", 1), ("close-wait-leak:server", "incident.pcapng", 1),
        ("close-wait-leak:path", "incident.pcapng", 0), ("fin-wait-2-held", "incident.pcapng", 1),
        ("syn-flood", "incident.pcapng", 0), ("reset:client", "reset-by-client.pcap", 1),
        ("reset:server", "reset-by-client.pcap", 0), ("reset:server", "reset-by-server.pcapng", 1),
        ("syn-flood , reset:client", "reset-by-client.pcap", 1),
        // The state at the end of a capture of seconds is no leak yet.
        ("close-wait-leak", "close-wait-leak.pcap", 0),
        ("warning", "clean-close-by-client.pcap", 0),
        ("warning", "zero-window-stall.pcap", 1), ("critical", "zero-window-stall.pcap", 0),
        ("nonsense", "refused.pcap", 2), ("reset:path", "refused.pcap", 2), ("", "refused.pcap", 2),
        ("warning", "absent.pcap", 3),
    ])
    func `The exit code says whether a rule is broken`(
        _ rules: String, _ capture: String, _ code: Int32
    ) throws {
        let outcome = try Tool.run("check", "--fail-on", rules, Tool.capture(capture))
        #expect(outcome.code == code)
    }

    @Test func `A lower threshold settles sooner`() throws {
        let outcome = try Tool.run(
            "check", "--fail-on", "close-wait-leak", "--threshold", "close-wait=1s",
            Tool.capture("close-wait-leak.pcap"))
        #expect(outcome.code == 1)
        let unknown = try Tool.run(
            "check", "--threshold", "close-wai=1s", Tool.capture("close-wait-leak.pcap"))
        #expect(unknown.code == 2)
    }

    @Test func `JUnit has a case for each rule and a failure for each that is broken`() throws {
        let path = try Tool.temporaryFolder().path + "/check.xml"
        let outcome = try Tool.run(
            "check", "--fail-on", "close-wait-leak,syn-flood,reset:client", "--junit", path,
            Tool.capture("incident.pcapng"))
        #expect(outcome.code == 1)
        let document = try XMLDocument(contentsOf: URL(fileURLWithPath: path))
        #expect(try document.nodes(forXPath: "//testcase").count == 4)
        #expect(try document.nodes(forXPath: "//testcase/failure").count == 2)
        #expect(document.rootElement()?.attribute(forName: "failures")?.stringValue == "2")
    }

    @Test func `SARIF has what version 2.1.0 requires`() throws {
        let path = try Tool.temporaryFolder().path + "/check.sarif"
        _ = try Tool.run(
            "check", "--fail-on", "close-wait-leak", "--sarif", path,
            Tool.capture("incident.pcapng"))
        let data = try #require(FileManager.default.contents(atPath: path))
        let log = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0")
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        #expect(driver["name"] as? String == "wirestate")
        let rules = try #require(driver["rules"] as? [[String: Any]]).compactMap {
            $0["id"] as? String
        }
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(!results.isEmpty)
        for result in results {
            let rule = try #require(result["ruleId"] as? String)
            #expect(rules[try #require(result["ruleIndex"] as? Int)] == rule)
            #expect((result["message"] as? [String: Any])?["text"] is String)
            let level = try #require(result["level"] as? String)
            #expect((level == "error") == (rule == "close-wait-leak" && level != "note"))
            #expect(["none", "note", "warning", "error"].contains(level))
        }
    }
}

/// `--evidence`: the files as tshark reads them.
struct EvidenceTests {
    private static let folder = Result {
        let path = try Tool.temporaryFolder().path
        _ = try Tool.run("--evidence", path, Tool.capture("incident.pcapng"))
        return path
    }

    @Test func `A file for each finding, with its connections and no others`() throws {
        let folder = try Self.folder.get()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.first == "01-close-wait-leak-port-8080.pcapng")
        let report = try Tool.run("--json", Tool.capture("incident.pcapng"))
        let findings = try Tool.objects(report.output).compactMap {
            $0["finding"] as? [String: Any]
        }
        #expect(names.count == findings.count { $0["severity"] as? String != "benign" })
        let streams = try Tool.bash(
            "tshark -r '\(folder)/\(names[0])' -T fields -e tcp.stream | sort -u | wc -l")
        #expect(streams.output.contains("30"))
    }

    @Test func `Comments on packets say what they change`() throws {
        let path = "\(try Self.folder.get())/01-close-wait-leak-port-8080.pcapng"
        let comments = try Tool.bash(
            "tshark -r '\(path)' -Y 'tcp.flags.fin == 1' -T fields -e frame.comment | sort -u")
        #expect(comments.output.contains("server ESTABLISHED → CLOSE_WAIT, proved"))
    }

    @Test func `Hidden addresses and no payload, and the same finding`() throws {
        let folder = try Tool.temporaryFolder().path
        _ = try Tool.run(
            "--evidence", folder, "--anonymize", Tool.capture("incident.pcapng"))
        let path = "\(folder)/01-close-wait-leak-port-8080.pcapng"
        let sums = try Tool.bash(
            "tshark -r '\(path)' -o ip.check_checksum:TRUE -T fields -e ip.checksum.status"
                + " -e ip.src -e frame.cap_len | sort -u")
        #expect(!sums.output.contains("10.1.1."))
        for line in sums.output.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            #expect(fields.first == "1")
            #expect((fields.last.flatMap { Int($0) } ?? 999) <= 80)
        }
        let report = try Tool.run("--json", path)
        #expect(report.output.contains(#""diagnosis":"close-wait-leak""#))
        #expect(report.output.contains(#""severity":"critical""#))
    }

    @Test func `Standard input cannot be read again`() throws {
        #expect(try Tool.run("--evidence", "x", "-").code == 2)
        #expect(try Tool.run("--html", "x", "-").code == 2)
    }
}
