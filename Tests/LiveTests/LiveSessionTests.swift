import Analysis
import Foundation
import Host
import TestKit
import Testing
import WebPage
import Wire

@testable import Live

/// A run of a fake source by a fake clock.
@Suite struct LiveSessionTests {
    /// A server that does not close: RFC 9293, figure 12, without the passive side's FIN.
    private static func leak(_ host: FakeHost) -> Conversation {
        let talk = Conversation(start: host.now + .seconds(1))
        talk.open()
        talk.client.send(100)
        talk.server.ack()
        talk.client.fin()
        talk.server.ack()
        return talk
    }

    /// The lines of a run as JSON objects.
    private func run(
        _ frames: [(bytes: [UInt8], time: Timestamp)], _ host: FakeHost, seconds: Int64,
        page: (any PageServer)? = nil, _ change: (inout LiveOptions) -> Void = { _ in }
    ) throws -> [[String: Any]] {
        let folder = try Folder()
        let path = folder.path("lines.jsonl")
        var options = LiveOptions(connectionLimit: 1000)
        options.isJSON = true
        options.output = path
        options.localAddresses = []
        change(&options)
        let source = FakeSource(frames, host, end: host.now + .seconds(seconds))
        let session = LiveSession(
            options, LiveResources(source, output: try HeldFile(path)), page, host)
        try session.run()
        return try folder.text("lines.jsonl").split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test func `the ends go through the states of RFC 9293`() throws {
        let host = FakeHost()
        let lines = try run(Self.leak(host).frames, host, seconds: 10)
        let found = lines.filter { $0["event"] as? String == "found" }
        let server = found.filter { $0["endpoint"] as? String == "server" }.compactMap { $0["to"] }
        #expect(server as? [String] == ["SYN_RECV", "ESTABLISHED", "CLOSE_WAIT"])
        let client = found.filter { $0["endpoint"] as? String == "client" }.compactMap { $0["to"] }
        #expect(client as? [String] == ["SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2"])
    }

    /// The threshold `close-wait` is a minute.
    @Test func `a connection is told of as stuck once the threshold has passed, and once only`()
        throws
    {
        let host = FakeHost()
        let frames = Self.leak(host).frames
        let early = try run(frames, host, seconds: 55)
        #expect(!early.contains { $0["event"] as? String == "stuck" })
        let late = try run(frames, FakeHost(), seconds: 90)
        let stuck = late.filter { $0["event"] as? String == "stuck" }
        #expect(stuck.compactMap { $0["diagnosis"] as? String } == ["close-wait-leak"])
    }

    @Test func `counts are written at their interval`() throws {
        let host = FakeHost()
        let lines = try run(Self.leak(host).frames, host, seconds: 35) {
            $0.countInterval = .seconds(10)
        }
        #expect(lines.count { $0["event"] as? String == "states" } == 3)
    }

    @Test func `without transitions there are none`() throws {
        let host = FakeHost()
        let lines = try run(Self.leak(host).frames, host, seconds: 10) {
            $0.wantsTransitions = false
        }
        #expect(!lines.contains { $0["event"] as? String == "found" })
        #expect(!lines.isEmpty)
    }

    /// Answers nothing, and remembers what is done to it.
    private final class FakePage: PageServer {
        var calls: [String] = []
        func readSecrets() throws(RunFailure) { calls.append("secrets") }
        func start(_ application: LiveApplication) throws(RunFailure) -> String {
            calls.append("start")
            return "http://[::1]:1/"
        }
        func close() { calls.append("close") }
    }

    @Test func `the page ends with the run`() throws {
        let host = FakeHost()
        let page = FakePage()
        _ = try run(Self.leak(host).frames, host, seconds: 5, page: page)
        #expect(page.calls == ["close"])
    }
}
