import Diagnosis
import HTTP
import HTTPServer
import Host
import Monitoring
import POSIX
import Reports
import TCPState
import WebPage
import Wire

/// What a live run shows to others than its terminal: a server and a file of metrics. The loop leaves a snapshot once per
/// round; another thread answers from it.
final class LiveService {
    private let options: ServiceOptions
    private let access: AccessPolicy?
    /// Whether anybody is to see snapshots; findings are looked for all the same.
    let wantsMetrics: Bool
    /// Whether there is a page, which shows connections and their ladders.
    var hasPage: Bool { access != nil }
    private let board = SnapshotBoard()
    private let metrics: LiveMetrics
    private let textfile: MetricsFile?
    private var server: HTTPServer?
    /// What the present round gathers; nil where it is not told of.
    private var round: SnapshotRound?
    /// The services with stuck connections, as the last round that was told of found them.
    private var services: ServiceStates
    private var history = StateHistory()
    /// What went wrong with the file of metrics, as was told last.
    private var told: String?
    private var begun: [StuckCensus.Key: UInt64] = [:]
    private var findings: LiveFindings

    /// Reads what takes rights to read.
    init(_ command: LiveCommand) throws(CommandFailure) {
        wantsMetrics = command.service.listen != nil || command.metrics.textfile != nil
        options = command.service
        access = try options.address.map { (address) throws(CommandFailure) in
            try command.service.access(address)
        }
        services = ServiceStates(limit: command.metrics.metricServices)
        metrics = LiveMetrics(
            version: Wirestate.version, wantsNodeNames: command.metrics.compat == .node)
        textfile = command.metrics.textfile.map { MetricsFile(path: $0) }
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

    /// A connection is over and forgotten.
    func depart(_ record: ConnectionRecord) { findings.depart(record) }

    /// A round over all connections begins. It is told of if the last one that was is a second old.
    func beginRound(_ now: Timestamp) {
        if findings.beginRound(now) { round = SnapshotRound(after: services) }
    }

    /// Takes a connection in the present round.
    func take(
        _ record: ConnectionRecord, _ trouble: @autoclosure () -> FindingExample?,
        at time: Timestamp
    ) {
        guard round != nil else { return }
        findings.take(record, at: time)
        if wantsMetrics { round?.take(record, trouble: trouble()) }
    }

    /// The round is complete: leaves what it gathered and what `fill` adds, if it is told of.
    ///
    /// - Parameter sample: finds a connection by its number.
    /// - Returns: what has become of findings.
    func publish(
        _ now: Timestamp, _ sample: (UInt32) -> ConnectionSample?,
        _ fill: (inout LiveSnapshot) -> Void
    ) -> [FindingChange] {
        guard var round = round.take() else { return [] }
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
        snapshot.stuck = round.stuck
        snapshot.services = round.services
        services = round.services
        if hasPage { snapshot.connections = round.shown.compactMap(sample) }
        board.publish(snapshot)
        textfile?.write(now) { [metrics, board] in metrics.text(board.snapshot, .prometheus) }
        return changes
    }

    /// Draws the connections that the page has asked for since the last call.
    func drawLadders(_ draw: (UInt32) -> Ladder?) { board.drawLadders(draw) }

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
    var failure: String? { trouble.text.map { "\(path): \($0): the metrics in it are outdated" } }

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
