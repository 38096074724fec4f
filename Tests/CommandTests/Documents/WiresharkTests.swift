import Foundation
import Testing

/// The Lua post-dissector in tshark, beside what the command itself prints.
struct WiresharkTests {
    static let script = Tool.package.appendingPathComponent("Scripts/wireshark/wirestate.lua").path

    /// What tshark prints with the script loaded.
    private func tshark(_ capture: String, _ arguments: [String]) throws -> Tool.Outcome {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let transitions = folder.appendingPathComponent("transitions.jsonl")
        let report = folder.appendingPathComponent("report.jsonl")
        try Data(try Tool.run("transitions", "--json", capture).output.utf8).write(to: transitions)
        try Data(try Tool.run("report", "--json", "--all", capture).output.utf8).write(to: report)
        return try Tool.run(
            "/usr/bin/tshark",
            ["-X", "lua_script:" + WiresharkTests.script, "-r", capture] + arguments,
            environment: [
                "WIRESTATE_TRANSITIONS": transitions.path, "WIRESTATE_REPORT": report.path,
            ])
    }

    @Test(arguments: ["close-wait-leak.pcap", "incident.pcapng"])
    func `each frame has the states that it leaves`(name: String) throws {
        let capture = Tool.capture(name)
        let transitions = try Tool.objects(try Tool.run("transitions", "--json", capture).output)
        var expected: [Int: [String: String]] = [:]
        for change in transitions {
            guard let frame = change["frame"] as? Int, let end = change["endpoint"] as? String,
                let state = change["to"] as? String
            else { continue }
            expected[frame, default: [:]][end] = state
        }
        let columns = [
            "-T", "fields", "-e", "frame.number", "-e", "wirestate.client", "-e",
            "wirestate.server",
        ]
        let lines = try tshark(capture, columns).output.split(separator: "\n")
        var found: [Int: [String: String]] = [:]
        for line in lines {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == 3, let frame = Int(cells[0]) else { continue }
            found[frame] = ["client": String(cells[1]), "server": String(cells[2])]
        }
        for (frame, states) in expected {
            for (end, state) in states { #expect(found[frame]?[end] == state, "frame \(frame)") }
        }
    }

    @Test func `a display filter finds the frames of a state and of a finding`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let filter =
            "wirestate.server == \"CLOSE_WAIT\" && wirestate.finding contains \"close-wait-leak\""
        let outcome = try tshark(capture, ["-Y", filter, "-T", "fields", "-e", "tcp.stream"])
        let streams = Set(outcome.output.split(separator: "\n").compactMap { Int($0) })
        let report = try Tool.run("report", "--json", "--all", capture).output
        let leaking = try Tool.objects(report).compactMap { $0["finding"] as? [String: Any] }
            .filter { $0["diagnosis"] as? String == "close-wait-leak" }
            .flatMap { $0["connections"] as? [[String: Any]] ?? [] }
            .compactMap { $0["stream"] as? Int }
        #expect(!leaking.isEmpty)
        #expect(streams == Set(leaking))
    }
}
