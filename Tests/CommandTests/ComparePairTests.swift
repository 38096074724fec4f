import Foundation
import Testing

/// `compare` on pairs whose path, clocks and connections the laboratory knows: its labels lie beside the captures.
struct ComparePairTests {
    private static let folder = Tool.package.appendingPathComponent("Captures/pairs")

    private static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    private static func label(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func compare(_ label: [String: Any]) throws -> [[String: Any]] {
        let files = try #require(label["files"] as? [String: [String]])
        var arguments = ["compare", "--json"]
        for (tap, names) in files.sorted(by: { $0.key < $1.key }) {
            arguments += ["--tap", "\(tap)=\(folder.path)/\(names[0])"]
            arguments += names.dropFirst().map { "\(folder.path)/\($0)" }
        }
        let outcome = try Tool.run(Tool.path, arguments)
        #expect(outcome.code == 0)
        return try Tool.objects(outcome.output)
    }

    private static func sightings(_ path: [String: Any]) -> [String: [String: Any]] {
        let all = path["sightings"] as? [[String: Any]] ?? []
        return Dictionary(uniqueKeysWithValues: all.map { ($0["tap"] as? String ?? "", $0) })
    }

    private static func ends(_ sighting: [String: Any]?) -> [String] {
        [sighting?["client"], sighting?["server"]].compactMap { $0 as? String }.sorted()
    }

    @Test func `there are pairs`() { #expect(Self.names.count >= 8) }

    @Test(arguments: names)
    func `verdicts, connections and clocks are those of the label`(name: String) throws {
        let label = try Self.label(name)
        let lines = try Self.compare(label)
        let paths = lines.compactMap { $0["path"] as? [String: Any] }
        let wanted = try #require(label["verdict"] as? [String: String])
        let judged = paths.filter { path in
            Self.sightings(path).values.contains {
                ($0["server"] as? String)?.hasSuffix(":8080") == true
            }
        }
        #expect(!judged.isEmpty)
        for path in judged {
            let verdict = try #require((path["verdicts"] as? [[String: Any]])?.first)
            for (field, value) in wanted {
                #expect(verdict[field] as? String == value, "\(verdict["sentence"] ?? "")")
            }
        }
        let both = paths.map(Self.sightings).filter { $0.count == 2 }
        let found = Set(both.map { [Self.ends($0["client"]), Self.ends($0["server"])] })
        let connections = try #require(label["connections"] as? [[[String]]])
        if !connections.isEmpty { #expect(found == Set(connections)) }
        let comparison = lines.compactMap { $0["comparison"] as? [String: Any] }.first
        let pair = (comparison?["tap_pairs"] as? [[String: Any]])?.last
        if label["is_traced"] as? Bool == true {
            try checkClock(
                try #require(pair?["clock"] as? [[String: Any]]),
                try #require(label["clock"] as? [String: Any]))
        }
    }

    private func checkClock(_ pieces: [[String: Any]], _ truth: [String: Any]) throws {
        func number(_ object: [String: Any], _ name: String) -> Double? {
            (object[name] as? NSNumber)?.doubleValue
        }
        #expect(!pieces.isEmpty)
        for piece in pieces {
            guard let low = number(piece, "offset_low"), let high = number(piece, "offset_high")
            else { continue }
            let time = try #require(number(piece, "reference"))
            let passed = time - (try #require(number(truth, "first")))
            var offset = try #require(number(truth, "offset"))
            offset += passed * (try #require(number(truth, "drift")))
            if time >= (try #require(number(truth, "step_time"))) {
                offset += try #require(number(truth, "step"))
            }
            #expect(low - 1000 <= offset && offset <= high + 1000)
        }
    }
}
