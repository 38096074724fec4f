import Diagnosis
import HTTP
import HTTPServer
import Host
import Monitoring
import POSIX
import TCPState
import Wire

/// What a live run shows to others than its terminal: a server and a file of metrics. The loop leaves a snapshot once per
/// round; another thread answers from it.
final class LiveService {
    private let options: ServiceOptions
    private let access: AccessPolicy?
    private let services: Int
    private let board = SnapshotBoard()
    private let metrics: LiveMetrics
    private let textfile: MetricsFile?
    private var server: HTTPServer?
    private var round: SnapshotRound
    private var history = StateHistory()
    /// What went wrong with the file of metrics, as was told last.
    private var told: String?
    private var findings: [StuckCensus.Key: UInt64] = [:]

    /// Reads what takes rights to read; nil where nothing is asked for.
    init?(_ command: LiveCommand) throws(CommandFailure) {
        guard command.service.listen != nil || command.metrics.textfile != nil else { return nil }
        options = command.service
        access = try options.address.map { (address) throws(CommandFailure) in
            try command.service.access(address)
        }
        services = command.metrics.metricServices
        metrics = LiveMetrics(
            version: Wirestate.version, wantsNodeNames: command.metrics.compat == .node)
        textfile = command.metrics.textfile.map { MetricsFile(path: $0) }
        round = SnapshotRound(services: services)
    }

    /// Begins to listen: on a thread of its own, which has no more rights than this one now.
    ///
    /// - Returns: where, in words; nil where nothing listens.
    func start() throws(CommandFailure) -> String? {
        guard let address = options.address, let access else { return nil }
        do {
            let server = try HTTPServer(
                at: address, LiveApplication(board: board, metrics: metrics), access: access)
            self.server = server
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            return "http://\(host):\(server.port)/"
        } catch {
            throw CommandFailure(lines: ["--listen \(options.listen ?? ""): \(error)"])
        }
    }

    /// A connection has become stuck.
    func noteStuck(_ example: FindingExample) {
        var census = StuckCensus()
        census.count(example)
        for key in census.keys { findings[key, default: 0] += 1 }
    }

    /// Takes a connection in the present round.
    func take(_ record: ConnectionRecord, _ item: StuckMonitor.Item?) {
        round.take(record, isStuck: item != nil) {
            ConnectionSample(record: record, trouble: item?.trouble, process: item?.process)
        }
    }

    /// The round is complete: leaves what it gathered and what `fill` adds.
    func publish(_ now: Timestamp, _ fill: (inout LiveSnapshot) -> Void) {
        var snapshot = LiveSnapshot()
        snapshot.published = now
        fill(&snapshot)
        history.note(snapshot.counts, at: snapshot.time)
        snapshot.history = history
        snapshot.findings = findings
        round.finish(&snapshot)
        round = SnapshotRound(services: services, after: round)
        board.publish(snapshot)
        textfile?.write(now) { [metrics, board] in metrics.text(board.snapshot, .prometheus) }
    }

    /// What has gone wrong since the last call.
    func takeTroubles() -> [String] {
        let failure = textfile?.failure
        defer { told = failure }
        return failure == told ? [] : [failure].compactMap { $0 }
    }

    /// Ends the server.
    func close() { server?.close() }
}

/// A file of metrics, whole at any moment, which another thread writes.
private final class MetricsFile {
    private let path: String
    private let queue = BackgroundQueue("metrics", limit: 1)
    private let trouble = SharedText()
    private var next = Timestamp(nanoseconds: .min)

    /// Nanoseconds between two writes: scrapes of node_exporter come every 15 s or less often.
    private static let pause: Int64 = 15_000_000_000

    init(path: String) { self.path = path }

    /// Writes if it is time.
    func write(_ now: Timestamp, _ text: @escaping @Sendable () -> String) {
        guard now >= next, queue.isIdle else { return }
        next = now + MetricsFile.pause
        let (path, trouble) = (path, trouble)
        queue.add(cost: 1) {
            trouble.set(MetricsFile.replace(path, Array(text().utf8)))
        }
    }

    /// What went wrong when it was written last.
    var failure: String? { trouble.text.map { "\(path): \($0): its metrics are old" } }

    private static func replace(_ path: String, _ bytes: [UInt8]) -> String? {
        do {
            let file = try OutputFile(path, .replace, mode: 0o644, acceptsStreams: false)
            try file.write(bytes)
            try file.commit()
        } catch let error as OutputError {
            return error.reason
        } catch {
            return (error as? SystemError)?.reason ?? "\(error)"
        }
        return nil
    }
}
