import Analysis
import Diagnosis
import POSIX
import Reports
import Synchronization
import TCPState
import TestKit
import Testing
import Tracking
import Wire

@Suite struct CaptureAnalysisTests {
    private func json(_ report: Report) -> String {
        var format = JSONReport()
        var sink = TextSink()
        format.write(report, to: &sink)
        return sink.text
    }

    @Test func `a file that does not exist is a problem of the input`() throws {
        let analysis = CaptureAnalysis(AnalysisOptions(files: ["/nonexistent.pcap"]))
        let input = try analysis.report().input
        #expect(input.hasNothing)
        #expect(input.problems.count == 1)
    }

    @Test func `every frame and connection is counted`() throws {
        let talks = mixture(30)
        let capture = try Capture(talks)
        let (input, report) = try capture.analysis().report()
        #expect(input.problems.isEmpty)
        #expect(input.summary.frames == UInt64(talks.reduce(0) { $0 + $1.segments.count }))
        #expect(input.summary.segments == input.summary.frames)
        #expect(input.summary.connections == 30)
        #expect(report.findings.contains { $0.key.diagnosis == .refused && $0.count == 6 })
    }

    /// The sharding: the same results for any number of threads. With `--sanitize=thread` also that no memory is
    /// shared without order.
    @Test(arguments: [2, 3, 5])
    func `several threads find what one finds`(_ threads: Int) throws {
        let capture = try Capture(mixture(3_000))
        let one = capture.analysis { $0.threads = 1 }
        let several = capture.analysis { $0.threads = threads }
        #expect(try json(one.report().report) == json(several.report().report))
        func serials(_ analysis: CaptureAnalysis) throws -> [UInt32] {
            var serials: [UInt32] = []
            _ = try analysis.connections { record, _ in serials.append(record.connection.serial) }
            return serials
        }
        #expect(try serials(one) == Array(0..<3_000))
        #expect(try serials(several) == Array(0..<3_000))
        let histories = try [one, several].map { try $0.history().history.timeline() }
        #expect(histories[0].map(\.transition.frame) == histories[1].map(\.transition.frame))
        #expect(histories[0].map(\.transition.to) == histories[1].map(\.transition.to))
    }

    @Test(arguments: [1, 3]) func `progress ends with all bytes read`(_ threads: Int) throws {
        let capture = try Capture(mixture(100))
        let seen = Mutex<[ReadProgress]>([])
        let analysis = capture.analysis { options in
            options.threads = threads
            options.onProgress = { progress in seen.withLock { $0.append(progress) } }
        }
        let frames = try analysis.report().input.summary.frames
        let steps = seen.withLock { $0 }
        #expect(steps.filter(\.isComplete).count == 1)
        #expect(steps.last?.isComplete == true)
        #expect(steps.last?.frames == frames)
        #expect(steps.last?.bytes == steps.last?.totalBytes)
    }

    @Test func `transitions are passed on in the order in which they are found`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        let capture = try Capture([talk])
        var events: [String] = []
        _ = try capture.analysis().transitionEvents(beforeWaiting: {}) { event, row in
            events.append("\(event) \(row.transition.to)")
        }
        // RFC 9293, figure 6: what the server's SYN,ACK and the client's ACK show of their senders is proved.
        #expect(events.first == "found synSent")
        #expect(events.contains("confirmed established"))
    }

    @Test func `a trace has a row for each segment of its connection and no other`() throws {
        let talks = mixture(20)
        let capture = try Capture(talks)
        let ladder = try #require(
            try capture.analysis().traces { $0.connection.serial == 1 }.ladders.values.first)
        #expect(ladder.rows.count == talks[1].segments.count)
        #expect(try capture.analysis().traces { _ in false }.ladders.isEmpty)
    }

    @Test func `sockets are shown as of each instant`() throws {
        let talk = Conversation(incident: ())
        talk.open()
        talk.wait(.seconds(3))
        talk.client.fin()
        talk.server.ack()
        let capture = try Capture([talk])
        let series = try capture.analysis().sockets(at: nil, every: 1_000_000_000).sockets
        #expect(series.count == 4)
        let established = series.samples(of: []).map { $0.counts[.established] }
        #expect(established == [0, 2, 2, 2])
        let server = Array(
            series.tables(of: [Address(ipv4: 0x0a01_0102)], isEnd: true, hasTitles: false))
        #expect(server.last?.rows.map(\.state) == [.closeWait])
    }

    @Test func `evidence holds the packets of its connections and no others`() throws {
        let talks = mixture(30)
        let capture = try Capture(talks)
        let analysis = capture.analysis()
        let report = try analysis.report(exampleLimit: EvidenceExporter.connectionLimit).report
        let exporter = EvidenceExporter(directory: capture.beside("evidence"))
        let paths = try exporter.write(report, of: analysis, spelling: .netstat, inputs: [])
        let refused = try #require(paths.first { $0.contains("refused") })
        let again = CaptureAnalysis(AnalysisOptions(files: [refused]))
        let input = try again.report().input
        #expect(input.summary.connections == 6)
        #expect(input.summary.frames == 12)
    }

    @Test func `evidence does not overwrite its input`() throws {
        let capture = try Capture(mixture(5))
        let analysis = capture.analysis()
        let report = try analysis.report().report
        let exporter = EvidenceExporter(directory: capture.beside("evidence"))
        let path = try #require(
            exporter.write(report, of: analysis, spelling: .netstat, inputs: []).first)
        let inputs = [try #require(FileIdentity(path: path))]
        #expect(throws: EvidenceFailure.self) {
            _ = try exporter.write(report, of: analysis, spelling: .netstat, inputs: inputs)
        }
    }
}
