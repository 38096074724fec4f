import Foundation
import Testing

/// `--anonymize`: tshark says which addresses a capture has; none of them is in any output.
struct AnonymizeTests {
    /// Captures with one network, with several, with IPv6, with ICMP errors from other hosts.
    static let captures = [
        "close-wait-leak.pcap",
        "cases/prohibited-by-gateway.pcap",
        "cases/port-scan-at-client.pcap",
    ]

    /// What is sent to others: the arguments before the capture.
    static let outputs: [[String]] =
        [
            ["report"], ["report", "--json"], ["report", "--markdown"], ["report", "--all"],
            ["check", "--fail-on", "warning"], ["check", "--json"], ["netstat"],
            ["netstat", "--ss"],
            ["netstat", "--json"], ["explain", "--stream", "0"], ["transitions", "--events"],
        ]
        + ["text", "json", "csv", "zeek", "zeek-json", "zeek-open", "eve"].map {
            ["connections", "--format", $0]
        }
        + ["text", "json", "zeek", "zeek-json"].map { ["transitions", "--format", $0] }

    /// All addresses in a capture's IP headers, those that ICMP quotes included.
    private func addresses(_ capture: String) throws -> Set<String> {
        let outcome = try Tool.run(
            "/usr/bin/tshark",
            ["-r", capture, "-T", "fields", "-e", "ip.addr", "-e", "ipv6.addr"])
        try #require(outcome.code == 0, "\(outcome.errors)")
        return Set(
            outcome.output.split { "\t\n,".contains($0) }.map(String.init))
    }

    /// The addresses of a set that stand in a text, not as a part of another word.
    private func found(_ addresses: Set<String>, in text: String) -> [String] {
        let parts: Set<Character> = Set("0123456789abcdef.:")
        return addresses.filter { address in
            var rest = text[...]
            while let range = rest.range(of: address) {
                let before =
                    range.lowerBound > text.startIndex
                    ? text[text.index(before: range.lowerBound)] : " "
                let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
                // A port follows after a colon, a sentence ends with a full stop.
                if !parts.contains(before), !parts.subtracting(":.").contains(after) { return true }
                rest = rest[range.upperBound...]
            }
            return false
        }
    }

    @Test(arguments: captures)
    func `no output has an address of the capture`(name: String) throws {
        let capture = Tool.capture(name)
        let originals = try addresses(capture)
        #expect(originals.count >= 2)
        for output in AnonymizeTests.outputs {
            let outcome = try Tool.run(Tool.path, output + ["--anonymize", capture])
            #expect(
                !outcome.output.isEmpty || output.contains("zeek-open") || output[0] == "netstat",
                "\(output)")
            #expect(found(originals, in: outcome.output + outcome.errors) == [], "\(output)")
        }
    }

    @Test func `no document has an address of the capture`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let capture = Tool.capture("incident.pcapng")
        let originals = try addresses(capture)
        let paths = ["html", "db", "xml", "sarif"].map {
            folder.appendingPathComponent("out." + $0).path
        }
        let evidence = folder.appendingPathComponent("evidence").path
        #expect(
            try Tool.run(
                "report", "--anonymize", "--html", paths[0], "--sqlite", paths[1], "--evidence",
                evidence, capture
            ).code == 0)
        _ = try Tool.run(
            "check", "--anonymize", "--junit", paths[2], "--sarif", paths[3], capture)
        for path in paths {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(!bytes.isEmpty)
            #expect(found(originals, in: String(decoding: bytes, as: UTF8.self)) == [], "\(path)")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: evidence)
        #expect(!files.isEmpty)
        for file in files {
            #expect(try addresses(evidence + "/" + file).isDisjoint(with: originals), "\(file)")
        }
    }

    @Test func `a capture of few networks gets addresses of the documentation networks`() throws {
        // RFC 5737.
        let networks = ["192.0.2.", "198.51.100.", "203.0.113."]
        let capture = Tool.capture("incident.pcapng")
        let rows = try Tool.objects(
            try Tool.run("connections", "--json", "--anonymize", capture).output)
        let originals = try Tool.objects(try Tool.run("connections", "--json", capture).output)
        var replacements: [String: Set<String>] = [:]
        for (row, original) in zip(rows, originals) {
            for end in ["src", "dst"] {
                let address = try #require(row[end] as? String)
                #expect(
                    networks.contains { address.hasPrefix($0) } || address.hasPrefix("2001:db8:"))
                replacements[try #require(original[end] as? String), default: []].insert(address)
            }
        }
        #expect(replacements.values.allSatisfy { $0.count == 1 })
        #expect(Set(replacements.values.flatMap { $0 }).count == replacements.count)
    }

    @Test
    func `a key gives the same output in every run and on several threads, another key another`()
        throws
    {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = try (0..<2).map { index in
            let key = folder.appendingPathComponent("key\(index)")
            try Data((0..<32).map { UInt8($0 * 7 + index) }).write(to: key)
            return key.path
        }
        let capture = Tool.capture("incident.pcapng")
        let run = { (key: String, threads: String) in
            try Tool.run(
                "report", "--json", "--all", "--anonymize-key", key, "--threads", threads, capture
            ).output
        }
        let first = try run(keys[0], "1")
        #expect(try run(keys[0], "3") == first)
        #expect(try run(keys[1], "1") != first)
        let short = folder.appendingPathComponent("short")
        try Data([1, 2, 3]).write(to: short)
        let outcome = try Tool.run("report", "--anonymize-key", short.path, capture)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("16 bytes"))
    }
}
