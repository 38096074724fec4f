import Foundation
import Testing

/// The report against the kernel's own socket tables at the end of each capture.
struct KernelTests {
    /// A socket of `Captures/*.end.jsonl`.
    struct Socket {
        let state: String
        let hasQueue: Bool
    }

    /// A connection by its two ends, the client first.
    struct Pair: Hashable {
        let client: String
        let server: String
    }

    /// Both sockets of each connection; an end that no longer exists is missing.
    static func sockets(_ capture: String) throws -> [Pair: [String: Socket]] {
        let stem = capture.split(separator: ".")[0]
        let text = try String(contentsOfFile: Tool.capture("\(stem).end.jsonl"), encoding: .utf8)
        var pairs: [Pair: [String: Socket]] = [:]
        for object in try Tool.objects(text) {
            let local = try #require(object["local"] as? String)
            let remote = try #require(object["remote"] as? String)
            let endpoint = try #require(object["endpoint"] as? String)
            let queues = ["send_queue", "receive_queue"].compactMap { object[$0] as? Int }
            let pair =
                endpoint == "client"
                ? Pair(client: local, server: remote) : Pair(client: remote, server: local)
            pairs[pair, default: [:]][endpoint] = Socket(
                state: try #require(object["state"] as? String),
                hasQueue: queues.contains { $0 > 0 })
        }
        return pairs
    }

    /// The connections that are half-closed or stuck: some end is neither gone nor in TIME_WAIT, and
    /// not both are established with empty queues.
    static func stuck(_ capture: String) throws -> [Pair: [String: Socket]] {
        try sockets(capture).filter { _, ends in
            let alive = ends.values.filter { $0.state != "TIME_WAIT" }
            let isWell =
                ends.count == 2
                && ends.values.allSatisfy { $0.state == "ESTABLISHED" && !$0.hasQueue }
            return !alive.isEmpty && !isWell
        }
    }

    private static func reported(_ capture: String) throws -> [[String: Any]] {
        let outcome = try Tool.run("--json", "--all", Tool.capture(capture))
        #expect(outcome.code == 0)
        return try Tool.connections(outcome.output).filter { $0["situation"] is String }
    }

    private static func pair(_ object: [String: Any]) throws -> Pair {
        Pair(
            client: try #require(object["client"] as? String),
            server: try #require(object["server"] as? String))
    }

    @Test(arguments: Tool.captures)
    func `The report names what the kernel has half-closed or stuck, none else`(
        _ capture: String
    ) throws {
        let expected = try Self.stuck(capture)
        #expect(!expected.isEmpty || !capture.hasPrefix("incident"))
        let reported = try Self.reported(capture)
        // That probes are not answered is in no column of the socket table.
        let told = reported.filter { $0["situation"] as? String != "unanswered_keepalives" }
        let pairs = try told.map(Self.pair)
        #expect(Set(pairs) == Set(expected.keys))
        #expect(pairs.count == expected.count)
        #expect(reported.count - told.count == (capture == "half-open.pcap" ? 2 : 0))
    }

    @Test(arguments: Tool.captures)
    func `The states of the stuck connections are the kernel's`(_ capture: String) throws {
        let expected = try Self.stuck(capture)
        for object in try Self.reported(capture) {
            guard let ends = expected[try Self.pair(object)] else { continue }
            for (endpoint, socket) in ends {
                let end = try #require(object["\(endpoint)_end"] as? [String: Any])
                #expect(end["state"] as? String == socket.state)
            }
        }
    }

    @Test func `The incident's working half-closes are told from its leaks`() throws {
        let reported = try Self.reported("incident.pcapng")
        let count = { (name: String) in reported.count { $0["situation"] as? String == name } }
        #expect(count("half_closed") == 52)
        #expect(count("half_close_working") == 3)
        #expect(count("zero_window") == 3)
        #expect(count("unanswered_data") == 4)
        #expect(count("opening") == 6)
    }
}
