import Foundation
import Testing

/// The labelled recordings of Captures/cases: what was done to real connections, what must be found,
/// and what must not be said.
struct CaseTests {
    /// A label: `NAME.json` beside `NAME.pcap`. Strings are regular expressions over a whole value.
    struct Label: Decodable, Sendable, CustomTestStringConvertible {
        /// A diagnosis and the side at fault; nobody's where it is benign.
        struct Expected: Decodable, Sendable {
            let diagnosis: String
            let fault: String?
            let grade: String?
            /// What its words must contain.
            let text: String?
        }

        /// A diagnosis that would explain a part of the packets, and what in the file refutes it.
        struct Rival: Decodable, Sendable {
            let diagnosis: String
            let refuted_by: String
        }

        let name: String
        let tap: String
        let loss: Double
        let expected: [Expected]
        let rivals: [Rival]?
        /// Values of a finding's fields that must not meet in one; `text` is searched in its words.
        let not_said: [[String: String]]?
        /// How many connections ended in a way.
        let endings: [String: Int]?
        /// What one of the traps of the capture must say.
        let quality: String?
        /// Why the label does not hold yet.
        let pending: String?

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

    @Test func `Each capture has a label, and there are two of each diagnosis`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(Self.labels.count == files.count { $0.hasSuffix(".pcap") })
        #expect(Self.labels.count >= 200)
        let taps = Set(Self.labels.map(\.tap))
        #expect(taps.isSuperset(of: ["client", "server", "middle", "gateway"]))
        #expect(Self.labels.contains { $0.loss > 0 })
        let found = Self.labels.filter { $0.pending == nil }.flatMap(\.expected).flatMap {
            $0.diagnosis.split(separator: "|")
        }
        let recordedOnce: Set<Substring> = ["self-connect", "nat-rebinding", "paws-behind-nat"]
        for name in Set(found).subtracting(recordedOnce) {
            #expect(found.count { $0 == name } >= 2, "\(name)")
        }
        #expect(Set(found).count >= 24)
        #expect(Self.labels.count { $0.expected.isEmpty } >= 40)
    }

    @Test(arguments: labels)
    func `What was done is found, nothing else is an alarm, and nothing refuted is said`(
        _ label: Label
    ) throws {
        guard let reason = label.pending else { return try Self.judge(label) }
        withKnownIssue("\(label.name): \(reason)", isIntermittent: true) {
            try Self.judge(label)
        }
    }

    private static func judge(_ label: Label) throws {
        let outcome = try Tool.run("--json", "\(folder)/\(label.name).pcap")
        #expect(outcome.code == 0)
        let objects = try Tool.objects(outcome.output)
        let findings = objects.compactMap { $0["finding"] as? [String: Any] }
        for expected in label.expected {
            #expect(findings.contains { isExpected($0, expected) }, "\(expected.diagnosis)")
        }
        for finding in findings { weigh(finding) }
        for finding in findings {
            let about = ["severity", "diagnosis", "fault", "service"]
                .map { value(finding, $0) }.joined(separator: " ")
            let isAlarm = ["critical", "warning"].contains(value(finding, "severity"))
            let isWanted = label.expected.contains { isExpected(finding, $0) }
            #expect(isWanted || !isAlarm, "\(about)")
            for rival in label.rivals ?? [] {
                let isRival = matches(value(finding, "diagnosis"), rival.diagnosis)
                #expect(!isRival, "\(about): \(rival.refuted_by)")
            }
            for refused in label.not_said ?? [] {
                #expect(!isSaid(finding, refused), "\(about): \(refused)")
            }
        }
        let endings = objects.compactMap { $0["endings"] as? [String: Int] }.first
        for (name, count) in label.endings ?? [:] { #expect(endings?[name] == count, "\(name)") }
        if let wanted = label.quality {
            let flaws = objects.compactMap { $0["quality"] as? [String: Any] }
            let told = flaws.map { "\(value($0, "trap")) \(value($0, "effect"))" }
            #expect(told.contains { contains($0, wanted) }, "\(wanted)")
        }
    }

    /// Blame that is proved has a fact against each rival of its diagnosis; what has none is not proved.
    private static func weigh(_ finding: [String: Any]) {
        let rivals = finding["rivals"] as? [[String: Any]] ?? []
        let name = value(finding, "diagnosis")
        let open = rivals.filter { ($0["fact"] as? String)?.isEmpty ?? true }
        if value(finding, "grade") == "proved" {
            #expect(
                open.isEmpty, "\(name) is proved, undecided: \(open.map { value($0, "rival") })")
            #expect(!rivals.isEmpty || unrivalled.contains(name), "\(name) has no rival")
        } else if !open.isEmpty {
            #expect(!value(finding, "refuted_by").isEmpty, "\(name): what is undecided is not said")
        }
        #expect(Set(rivals.map { value($0, "rival") }).count == rivals.count)
    }

    /// What its packets show by themselves.
    private static let unrivalled: Set = ["self-connect", "simultaneous-open", "connection-churn"]

    private static func isExpected(_ finding: [String: Any], _ expected: Label.Expected) -> Bool {
        (matches(value(finding, "diagnosis"), expected.diagnosis)
            || matches(value(finding, "also"), expected.diagnosis))
            && matches(value(finding, "fault"), expected.fault ?? "nobody")
            && matches(value(finding, "grade"), expected.grade ?? ".*")
            && contains(text(finding), expected.text ?? "")
    }

    private static func isSaid(_ finding: [String: Any], _ refused: [String: String]) -> Bool {
        refused.allSatisfy { key, pattern in
            key == "text"
                ? contains(text(finding), pattern) : matches(value(finding, key), pattern)
        }
    }

    private static func text(_ finding: [String: Any]) -> String {
        let remedy = finding["remedy"] as? [String] ?? []
        return ([value(finding, "title"), value(finding, "sentence")] + remedy)
            .joined(separator: " ")
    }

    private static func value(_ object: [String: Any], _ key: String) -> String {
        object[key] as? String ?? ""
    }

    private static func matches(_ value: String, _ pattern: String) -> Bool {
        contains(value, "^(?:\(pattern))$")
    }

    private static func contains(_ text: String, _ pattern: String) -> Bool {
        pattern.isEmpty
            || text.range(of: pattern, options: [.regularExpression, .caseInsensitive]) != nil
    }
}
