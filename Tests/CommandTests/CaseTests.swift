import Foundation
import Testing

/// The labelled recordings of Captures/cases: what was done to real connections, and what must be found.
struct CaseTests {
    /// A label: `NAME.json` beside `NAME.pcap`.
    struct Label: Decodable, Sendable, CustomTestStringConvertible {
        /// A diagnosis and the side at fault; nobody's where it is benign.
        struct Expected: Decodable, Sendable {
            let diagnosis: String
            let fault: String?
        }

        let name: String
        let tap: String
        let loss: Double
        let expected: [Expected]

        var testDescription: String { name }
    }

    static let folder = Tool.capture("cases")

    static let labels: [Label] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)").flatMap {
                try? JSONDecoder().decode(Label.self, from: $0)
            }
        }
    }()

    private static func findings(_ label: Label) throws -> [[String: Any]] {
        let outcome = try Tool.run("--json", "\(folder)/\(label.name).pcap")
        #expect(outcome.code == 0)
        return try Tool.objects(outcome.output).compactMap { $0["finding"] as? [String: Any] }
    }

    private static func isExpected(_ finding: [String: Any], _ label: Label) -> Bool {
        label.expected.contains { expected in
            [finding["diagnosis"] as? String, finding["also"] as? String]
                .contains(expected.diagnosis)
                && finding["fault"] as? String == expected.fault ?? "nobody"
        }
    }

    @Test func `There are sixty recordings, two of each diagnosis, at every place`() {
        #expect(Self.labels.count >= 60)
        #expect(Set(Self.labels.map(\.tap)) == ["client", "server", "middle"])
        #expect(Self.labels.contains { $0.loss > 0 })
        let found = Self.labels.flatMap { $0.expected.map(\.diagnosis) }
        for name in Set(found) where name != "self-connect" {
            #expect(found.count { $0 == name } >= 2, "\(name)")
        }
        #expect(Set(found).count >= 24)
    }

    @Test(arguments: labels)
    func `What was done is found, with the side at fault`(_ label: Label) throws {
        let findings = try Self.findings(label)
        for expected in label.expected {
            let one = Label(name: "", tap: "", loss: 0, expected: [expected])
            #expect(findings.contains { Self.isExpected($0, one) }, "\(expected.diagnosis)")
        }
    }

    @Test(arguments: labels)
    func `Nothing else is an alarm`(_ label: Label) throws {
        for finding in try Self.findings(label) where !Self.isExpected(finding, label) {
            let severity = finding["severity"] as? String
            #expect(
                severity == "notice" || severity == "benign",
                "\(finding["diagnosis"] ?? ""), \(finding["fault"] ?? "")")
        }
    }
}
