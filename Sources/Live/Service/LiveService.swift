import Analysis
import Diagnosis
import Host
import Monitoring
import Reports
import TCPState
import WebPage
import Wire

/// What a live run shows to others than its terminal: a server and a file of metrics. The loop leaves a snapshot once per
/// round; another thread answers from it.
final class LiveService {
    private let page: (any PageServer)?
    /// Whether anybody is to see snapshots; findings are looked for all the same.
    let wantsMetrics: Bool
    /// Whether there is a page, which shows connections and their ladders.
    var hasPage: Bool { page != nil }
    private let snapshots = SnapshotExchange()
    private let metrics: LiveMetrics
    private let textfile: MetricsFile?
    /// What the present round gathers; nil where it is not told of.
    private var round: SnapshotRound?
    /// The last round that was told of.
    private var last: SnapshotRound
    private var history = StateHistory()
    /// What went wrong with the file of metrics, as was told last.
    private var told: String?
    private var begun: [StuckCounts.Key: UInt64] = [:]
    private var findings: LiveFindings

    /// - Parameters:
    ///   - local: the addresses whose ends are counted apart.
    ///   - page: what serves the page; nil where nobody does.
    init(_ options: LiveOptions, local: AddressSet, _ page: (any PageServer)?) {
        self.page = page
        wantsMetrics = page != nil || options.metrics.textfile != nil
        last = SnapshotRound(serviceLimit: options.metrics.serviceLimit)
        metrics = LiveMetrics(
            version: options.metrics.version, wantsNodeNames: options.metrics.hasNodeNames)
        textfile = options.metrics.textfile.map { MetricsFile(path: $0) }
        findings = LiveFindings(local: local, options.thresholds)
    }

    /// Begins to listen: on a thread of its own, which has no more rights than this one now.
    ///
    /// - Returns: the page's URL; nil where nothing listens.
    func start() throws(RunFailure) -> String? {
        try page?.start(
            LiveApplication(snapshots: snapshots, metrics: metrics, now: { Timestamp.now }))
    }

    /// A connection has become stuck.
    func noteStuck(_ example: FindingExample) {
        guard wantsMetrics else { return }
        var counts = StuckCounts()
        counts.count(example.finding)
        for key in counts.keys { begun[key, default: 0] += 1 }
    }

    /// A connection is over and forgotten.
    func connectionClosed(_ record: borrowing @_addressable ConnectionRecord) {
        findings.connectionClosed(record)
    }

    /// A round over all connections begins. It is told of if the last one that was is a second old.
    func beginRound(_ now: Timestamp) {
        if findings.beginRound(now) { round = SnapshotRound(after: last) }
    }

    /// Whether the present round is told of: then it is shown all connections.
    var isInRound: Bool { round != nil }

    /// Takes a connection in the present round.
    func add(
        _ record: borrowing @_addressable ConnectionRecord, _ problem: Finding?,
        at time: Timestamp
    ) {
        findings.add(record, at: time)
        if wantsMetrics { round?.add(record, problem: problem) }
    }

    /// The round is complete: leaves what it gathered and what `body` adds, if it is told of.
    ///
    /// - Parameter sample: finds a connection by its number.
    /// - Returns: what has become of findings.
    func publish(
        _ now: Timestamp, _ sample: (UInt32) -> ConnectionSample?,
        _ body: (inout LiveSnapshot) -> Void
    ) -> [FindingChange] {
        guard var round = round.take() else { return [] }
        var snapshot = LiveSnapshot()
        snapshot.published = now
        body(&snapshot)
        let changes = findings.endRound(at: snapshot.time)
        guard wantsMetrics else { return changes }
        history.add(snapshot.counts, at: snapshot.time)
        snapshot.findingGroups = findings.groups
        snapshot.findingCount = findings.count
        snapshot.findingsBefore = findings.before
        snapshot.history = history
        snapshot.findings = begun
        snapshot.stuck = round.stuck
        snapshot.services = round.services
        if hasPage { snapshot.connections = round.shown.compactMap(sample) }
        last = round
        snapshots.publish(snapshot)
        textfile?.write(now) { [metrics, snapshots] in metrics.text(snapshots.snapshot, .prometheus)
        }
        return changes
    }

    /// Draws the connections that the page has asked for since the last call.
    func drawLadders(_ draw: (UInt32) -> Ladder?) { snapshots.drawLadders(draw) }

    /// What has gone wrong since the last call.
    func takeErrors() -> [String] {
        let failure = textfile?.failure
        defer { told = failure }
        return failure == told ? [] : [failure].compactMap { $0 }
    }

    /// Ends the server.
    func close() { page?.close() }
}
