import Capture
import Foundation
import TCPState
import Testing
import Tracking
import Wire

/// A socket, as its own host names it.
struct Socket: Hashable, CustomStringConvertible {
    let local: String
    let remote: String

    var description: String { "\(local) → \(remote)" }
}

/// The kernel's own log beside a capture; see Captures/README.md.
struct KernelLog {
    /// One line of `NAME.kernel.jsonl`.
    struct Line: Decodable {
        let ts_lo: Int64
        let ts_hi: Int64
        let local: String
        let remote: String
        let life: Int
        let from: String
        let to: String
        let cause: String
    }

    /// One line of `NAME.end.jsonl`.
    struct End: Decodable {
        let local: String
        let remote: String
        let state: String
    }

    /// The part of `NAME.json` that is needed here.
    struct About: Decodable {
        let capture_start: Int64
    }

    /// Linux `netstat`'s names.
    static let states: [String: State] = [
        "CLOSED": .closed, "LISTEN": .listen, "SYN_SENT": .synSent, "SYN_RECV": .synReceived,
        "ESTABLISHED": .established, "FIN_WAIT1": .finWait1, "FIN_WAIT2": .finWait2,
        "CLOSE_WAIT": .closeWait, "CLOSING": .closing, "LAST_ACK": .lastAck,
        "TIME_WAIT": .timeWait,
    ]

    static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Captures").standardizedFileURL

    /// Every capture with a kernel log beside it.
    static let captures: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
    }()

    let lines: [Line]
    let ends: [Socket: State]
    let start: Int64

    init(_ capture: String) throws {
        let stem = String(capture.prefix { $0 != "." })
        lines = try Self.read("\(stem).kernel.jsonl")
        let ends: [End] = try Self.read("\(stem).end.jsonl")
        self.ends = try Dictionary(
            uniqueKeysWithValues: ends.map {
                (Socket(local: $0.local, remote: $0.remote), try #require(Self.states[$0.state]))
            })
        let about = try Data(contentsOf: Self.directory.appending(path: "\(stem).json"))
        start = try JSONDecoder().decode(About.self, from: about).capture_start
    }

    private static func read<Value: Decodable>(_ file: String) throws -> [Value] {
        let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(Value.self, from: Data($0.utf8))
        }
    }

    /// Sockets whose host lost them without a packet.
    var silentlyLost: Set<Socket> {
        Set(
            lines.filter { $0.cause == "silent" }
                .map { Socket(local: $0.local, remote: $0.remote) })
    }

    /// What each socket did, a list of changes for each incarnation, as far as packets can show it and
    /// since the capture began; written `FROM → TO`.
    var histories: [Socket: [[String]]] {
        var result: [Socket: [[String]]] = [:]
        for (socket, lines) in Dictionary(
            grouping: lines, by: { Socket(local: $0.local, remote: $0.remote) })
        {
            let lives = Dictionary(grouping: lines, by: \.life).sorted { $0.key < $1.key }
            result[socket] = lives.map { _, lines in
                lines.filter { $0.ts_hi >= start && !["silent", "req-drop"].contains($0.cause) }
                    .map { "\($0.from) → \($0.to)" }
            }.filter { !$0.isEmpty }
        }
        return result.filter { !$0.value.isEmpty }
    }
}

/// A capture as the tracker sees it.
struct TrackedCapture {
    let history: TransitionHistory
    let counts: FrameCounts
    let departures: [(record: ConnectionRecord, reason: RemovalReason)]

    init(_ capture: String, maximumConnections: Int = 1_000_000) throws {
        let path = KernelLog.directory.appending(path: capture).path
        var reader = try CaptureReader(files: [path])
        var tracker = Tracker(
            observer: RecordingObserver(), profile: .linux, maximumConnections: maximumConnections)
        while let frame = reader.next() {
            tracker.receive(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.number)
        }
        tracker.finish()
        history = tracker.observer.history
        departures = tracker.observer.departures
        counts = tracker.counts
    }

    private static func socket(_ record: ConnectionRecord, _ side: Side) -> Socket {
        Socket(
            local: record.address(side).text(port: record.port(side)),
            remote: record.address(side.peer).text(port: record.port(side.peer)))
    }

    private static func name(_ state: State) -> String {
        KernelLog.states.first { $0.value == state }?.key ?? "UNKNOWN"
    }

    /// What the tracker says of each socket, like ``KernelLog/histories``: timers left out, and that
    /// a connection was there when the capture began.
    var histories: [Socket: [[String]]] {
        var lives: [Socket: [UInt32: [String]]] = [:]
        for entry in history.timeline() {
            let transition = entry.transition
            guard let record = history.record(of: entry), transition.timer == .none,
                transition.from != .unknown
            else { continue }
            lives[Self.socket(record, transition.side), default: [:]][
                transition.connection, default: []
            ].append("\(Self.name(transition.from)) → \(Self.name(transition.to))")
        }
        return lives.mapValues { $0.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// The latest state of each socket that is neither closed nor unknown.
    var ends: [Socket: State] {
        var ends: [Socket: State] = [:]
        for record in departures.map(\.record).sorted(by: {
            $0.connection.serial < $1.connection.serial
        }) {
            for side in Side.allCases {
                let state = record.connection[side].state
                let isGone = state == .closed || state == .unknown
                ends[Self.socket(record, side)] = isGone ? nil : state
            }
        }
        return ends
    }
}
