import Foundation
import Reports
import TCPState
import Testing
import Wire

@testable import Analysis
@testable import Documents

/// What is said beside results.
@Suite struct RemarkTests {
    private let first = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

    private var summary: InputSummary {
        var summary = InputSummary()
        summary.first = first
        summary.last = first + .seconds(10)
        return summary
    }

    @Test func `a moment outside of the capture is remarked`() {
        #expect(SocketRemarks.lines(summary, at: first + .seconds(5)).isEmpty)
        #expect(SocketRemarks.lines(summary, at: nil).isEmpty)
        let before = SocketRemarks.lines(summary, at: first - .seconds(1))
        #expect(before == ["--at is before the first frame (2023-11-14T22:13:20.000000Z)"])
        #expect(SocketRemarks.lines(summary, at: first + .seconds(11)).count == 1)
    }

    @Test func `the progress bar shows share, rate and time left`() {
        func progress(of total: Int64?) -> ReadProgress {
            ReadProgress(
                bytes: 50 << 20, totalBytes: total, frames: 1_000_000, isComplete: false)
        }
        let line = ProgressBar.line(progress(of: 100 << 20), 2, 80)
        #expect(line.hasPrefix(String(repeating: "#", count: 12) + "-"))
        #expect(ProgressBar.line(progress(of: 100 << 20), 2, 60).count < 60)
        #expect(line.hasSuffix(" 50% of 100 MiB, 500k packets/s, 2 s to go"))
        #expect(ProgressBar.line(progress(of: nil), 2, 80) == "50 MiB, 500k packets/s")
    }

    @Test func `events are read from all files, and what is wrong with one is told`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{\"event\":\"notice\"}\nno object\n".utf8).write(to: file)
        let events = EventFiles(["/nowhere/lines", file.path], spelling: .netstat)
        #expect(events.summary.lines == 2)
        #expect(events.problems.first == "/nowhere/lines: No such file or directory")
        #expect(events.problems.count == 2)
    }

    @Test func `a guide has every state and kind`() {
        for state in State.allCases where state != .unknown {
            #expect(Guide(name: state.name(.rfc)) != nil, "\(state)")
        }
        #expect(Guide(name: "close-wait-leak") != nil)
        #expect(Guide(name: "incident.pcap") == nil)
    }
}
