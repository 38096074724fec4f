import Diagnosis
import HTTP
import HTTPServer
import Host
import Monitoring
import POSIX
import TCPState
import WebPage
import Wire

/// What a live run shows to others than its terminal: a server and a file of metrics. The loop leaves a snapshot once per
/// round; another thread answers from it.
final class LiveService {
    private let options: ServiceOptions
    private let access: AccessPolicy?
    private let services: Int
    /// Whether anybody is to see snapshots; findings are looked for all the same.
    let wantsMetrics: Bool
    private let board = SnapshotBoard()
    private let metrics: LiveMetrics
    private let textfile: MetricsFile?
    private var server: HTTPServer?
    private var round: SnapshotRound
    private var history = StateHistory()
    /// What went wrong with the file of metrics, as was told last.
    private var told: String?
    private var begun: [StuckCensus.Key: UInt64] = [:]
    private var findings: LiveFindings
    private var ladders = LadderHistory()

    /// Reads what takes rights to read.
    init(_ command: LiveCommand) throws(CommandFailure) {
        wantsMetrics = command.service.listen != nil || command.metrics.textfile != nil
        options = command.service
        access = try options.address.map { (address) throws(CommandFailure) in
            try command.service.access(address)
        }
        services = command.metrics.metricServices
        metrics = LiveMetrics(
            version: Wirestate.version, wantsNodeNames: command.metrics.compat == .node)
        textfile = command.metrics.textfile.map { MetricsFile(path: $0) }
        round = SnapshotRound(services: services)
        findings = LiveFindings(local: command.ownAddresses, command.findings.limits)
    }

    /// Begins to listen: on a thread of its own, which has no more rights than this one now.
    ///
    /// - Returns: where, in words; nil where nothing listens.
    func start() throws(CommandFailure) -> String? {
        guard let address = options.address, let access else { return nil }
        do {
            let server = try HTTPServer(
                at: address,
                LiveApplication(board: board, metrics: metrics, now: { Timestamp.now }),
                access: access)
            self.server = server
            return "http://\(address.text(port: server.port))/"
        } catch {
            throw CommandFailure(lines: ["--listen \(options.listen ?? ""): \(error)"])
        }
    }

    /// A connection has become stuck.
    func noteStuck(_ example: FindingExample) {
        guard wantsMetrics else { return }
        var census = StuckCensus()
        census.count(example)
        for key in census.keys { begun[key, default: 0] += 1 }
    }

    /// Keeps a change of state, for the ladder of its connection.
    func note(_ note: LiveObserver.Note) {
        guard wantsMetrics else { return }
        ladders.note(note, frame: note.transition.frame)
        if let row = note.transition.row { ladders.note(row, of: note.transition.connection) }
    }

    /// A connection is over and forgotten.
    func depart(_ record: ConnectionRecord) { findings.depart(record) }

    /// A round over all connections begins.
    func beginRound(_ now: Timestamp) { findings.beginRound(now) }

    /// Takes a connection in the present round.
    func take(_ record: ConnectionRecord, _ item: StuckMonitor.Item?, at time: Timestamp) {
        findings.take(record, at: time)
        guard wantsMetrics else { return }
        round.take(record, trouble: item?.trouble) {
            ConnectionSample(record: record, trouble: item?.trouble, process: item?.process)
        }
    }

    /// The round is complete: leaves what it gathered and what `fill` adds.
    ///
    /// - Parameter connection: finds a connection by its number.
    /// - Returns: what has become of findings.
    func publish(
        _ now: Timestamp, _ connection: (UInt32) -> ConnectionRecord?,
        _ fill: (inout LiveSnapshot) -> Void
    ) -> [FindingChange] {
        var snapshot = LiveSnapshot()
        snapshot.published = now
        fill(&snapshot)
        let changes = findings.endRound(at: snapshot.time)
        guard wantsMetrics else { return changes }
        history.note(snapshot.counts, at: snapshot.time)
        snapshot.findingGroups = findings.groups
        snapshot.findingCount = findings.count
        snapshot.findingsBefore = findings.before
        snapshot.history = history
        snapshot.findings = begun
        round.finish(&snapshot)
        round = SnapshotRound(services: services, after: round)
        board.publish(snapshot)
        board.drawLadders { connection($0).map { ladders.ladder($0) } }
        textfile?.write(now) { [metrics, board] in metrics.text(board.snapshot, .prometheus) }
        return changes
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

    /// The time between two writes: scrapes of node_exporter come every 15 s or less often.
    private static let pause = TimeSpan.seconds(15)

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
