import Analysis
import Arguments
import Capture
import Diagnosis
import Foundation
import Reports
import TCPState
import Testing
import Wire

@testable import Documents

/// What a command does once its flags are read: in this process, with its output in a file.
@Suite final class RunTests {
    private static let captures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Captures").path
    private let style = DocumentStyle(spelling: .netstat, layout: TextLayout())
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent(UUID().uuidString).path

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func analysis(_ name: String) -> CaptureAnalysis {
        CaptureAnalysis(AnalysisOptions(files: [Self.captures + "/" + name]))
    }

    /// What `body` writes.
    private func text(_ body: (Output) throws -> Void) throws -> String {
        let path = folder + "/output"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let output = Output(descriptor)
        try body(output)
        try output.end()
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func `a report keeps as many connections as its documents need`() {
        var listing = ReportListing(style)
        func limit(_ change: (inout ReportRun) -> Void) -> Int? {
            var run = ReportRun(listing, style, analysis("refused.pcap"))
            change(&run)
            return run.exampleLimit
        }
        #expect(limit { _ in } == 3)
        #expect(limit { $0.html = "x" } == 3)
        #expect(limit { $0.sqlite = "x" } == EvidenceExporter.connectionLimit)
        #expect(limit { $0.evidence = "x" } == EvidenceExporter.connectionLimit)
        listing.showsAll = true
        #expect(limit { $0.sqlite = "x" } == nil)
    }

    @Test func `a report is printed, and its documents are beside it`() throws {
        var run = ReportRun(ReportListing(style), style, analysis("incident.pcapng"))
        (run.html, run.sqlite) = (folder + "/a.html", folder + "/a.sqlite")
        let report = try text { _ = try run.write(to: $0) }
        #expect(report.contains("close-wait-leak"))
        for path in [run.html, run.sqlite] {
            #expect(FileManager.default.fileExists(atPath: try #require(path)))
        }
        // The filter and the thresholds are those of the run.
        run = ReportRun(ReportListing(style), style, analysis("incident.pcapng"))
        run.filter = try ConnectionFilter("port:1")
        let other = try text { _ = try run.write(to: $0) }
        #expect(!other.contains("close-wait-leak"))
    }

    @Test func `of a capture that cannot be read, nothing is printed`() throws {
        let run = ReportRun(ReportListing(style), style, analysis("nowhere.pcap"))
        var problems = 0
        let text = try text { problems = try run.write(to: $0).problems.count }
        #expect(problems == 1)
        #expect(text.isEmpty)
    }

    @Test func `without rules, warnings fail a check`() throws {
        var run = CheckRun(analysis("refused.pcap"), style, version: "1")
        #expect(run.effectiveRules.count == 1)
        run.rules = try FailRule.list("reset, critical")
        #expect(run.effectiveRules.count == 2)
    }

    @Test func `a check prints its verdict, and writes it for other programs`() throws {
        var run = CheckRun(analysis("incident.pcapng"), style, version: "1")
        (run.junit, run.sarif) = (folder + "/a.xml", folder + "/a.sarif")
        var isGood = true
        let verdict = try text { isGood = try run.write(to: $0) }
        #expect(!isGood)
        #expect(verdict.contains("close-wait-leak"))
        let xml = try String(contentsOfFile: folder + "/a.xml", encoding: .utf8)
        #expect(xml.contains("<testsuite"))
        let sarif = try String(contentsOfFile: folder + "/a.sarif", encoding: .utf8)
        #expect(sarif.contains("2.1.0"))

        run = CheckRun(analysis("clean-close-by-client.pcap"), style, version: "1")
        run.isJSON = true
        #expect(try text { isGood = try run.write(to: $0) }.hasPrefix("{"))
        #expect(isGood)
        run.expected = try FailRule.list("half-open")
        _ = try text { isGood = try run.write(to: $0) }
        #expect(!isGood)
    }

    @Test func `taps share the memory, and one of them shows the progress of all`() {
        let taps = ["client", "server"].map { name in
            (try? TapArgument.all([name + "=a"]))?.first
        }.compactMap { $0 }
        let readings = TapReading.all(taps, "tcp", .own, segmentLimit: 100, mask: nil)
        #expect(readings.map(\.name) == ["client", "server"])
        #expect(readings.map(\.segmentLimit) == [100, 100])
        #expect(readings.map(\.filter) == ["tcp", "tcp"])
        #expect(readings.map { $0.onProgress != nil } == [true, false])
        let alone = TapReading.all([taps[0]], nil, .automatic, segmentLimit: nil, mask: nil)
        let shared = TapReading.all(taps, nil, .automatic, segmentLimit: nil, mask: nil)
        #expect(alone[0].segmentLimit > shared[0].segmentLimit)
    }

    @Test func `an interface that cannot be opened has the link type that most have`() {
        let reply = ExtcapReply.linkType(ofInterface: "wirestate:nowhere0")
        #expect(reply.hasPrefix("dlt {number=1}{name=EN10MB}"))
    }
}
