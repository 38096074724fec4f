import Capture
import Diagnosis
import Glibc
import Host
import Monitoring
import Reports
import TCPState
import Tracking
import Wire

/// Everything that a live run says: lines on standard output or into a file, and trouble on standard error or
/// on the screen. Nothing here waits but ``finish(within:)``.
final class LivePublisher {
    private let log: EventLog
    private let errors = EventLog(STDERR_FILENO, name: "standard error")
    private var events: LiveEvents
    private let spelling: StateSpelling
    private let names: JSONNames
    private let isJSON: Bool
    private let scopes: ScopeNames
    /// Whether the journal reads the lines.
    private let isForJournal: Bool
    private var rate: LineRate
    /// Whether changes of single connections are written, and not findings alone.
    private let wantsConnections: Bool
    private let interfaces: [String]
    private let layout: TextLayout
    /// Whether lines are written: a screen has the terminal for itself.
    let hasLines: Bool
    /// Who shows notices where there is a screen.
    var show: ((String) -> Void)?

    /// - Parameters:
    ///   - file: where lines go; nil for standard output.
    ///   - interfaces: the names, by number.
    init(
        _ options: LiveOptions, file: HeldFile?, interfaces: [String], hasScreen: Bool
    ) {
        if let file, let path = options.output {
            log = EventLog(file, path: path)
        } else {
            log = EventLog(STDOUT_FILENO, name: "standard output")
        }
        isForJournal = LeveledLog.isJournal(file?.descriptor ?? STDOUT_FILENO)
        rate = LineRate(limit: options.rate ?? (isForJournal ? LivePublisher.journalRate : nil))
        wantsConnections = options.wantsConnections
        spelling = options.spelling
        names = options.names
        isJSON = options.isJSON
        events =
            isJSON
            ? LiveEvents(JSONStyle(spelling: spelling, names: names))
            : LiveEvents(spelling: spelling)
        scopes = ScopeNames(interfaces: interfaces.count)
        self.interfaces = interfaces
        layout = options.layout
        hasLines = !hasScreen || file != nil
        log.say = { [unowned self] in warn($0) }
    }

    /// Lines a second that the journal takes: 10,000 in 30 s, see RateLimitBurst= in journald.conf(5).
    private static let journalRate: UInt64 = 300

    private func leveled(_ level: SyslogLevel) -> LeveledLog {
        LeveledLog(log, level, isForJournal: isForJournal)
    }

    /// Whether anybody reads the lines: false once a pipe is broken.
    var hasReader: Bool { log.hasReader }

    /// Writes lines for standard error, or shows them.
    func warn(_ lines: [String]) {
        if let show {
            show(lines.joined(separator: " "))
        } else {
            for line in lines { errors.write("wirestate: \(line.visible)\n") }
        }
    }

    /// Says what happened to the capture itself, to people and in the log.
    func notice(_ text: String, _ now: Timestamp) {
        warn([text])
        guard hasLines else { return }
        var sink = leveled(.notice)
        events.write(notice: text, at: now, to: &sink)
    }

    /// Writes a transition, or what became of it.
    func publish(_ event: TransitionEvents.Event, _ row: TransitionRow, process: String?) {
        guard hasLines, wantsConnections, rate.admits(row.transition.seen) else { return }
        var sink = leveled(.information)
        events.write(event, row, at: location(row.record.scope), process: process, to: &sink)
    }

    /// Writes that a connection is stuck, or no longer.
    func publish(_ entry: StuckMonitor.Entry, hasEnded: Bool, _ now: Timestamp) {
        guard hasLines, wantsConnections else { return }
        var sink = leveled(hasEnded ? .information : SyslogLevel(entry.problem.finding.severity))
        events.write(
            entry.problem, hasEnded: hasEnded, at: now, location: location(entry.scope),
            process: entry.process,
            to: &sink)
    }

    /// Writes what became of a finding.
    func publish(_ change: FindingChange, _ now: Timestamp) {
        guard hasLines else { return }
        var sink = leveled(
            change.kind == .closed ? .information : SyslogLevel(change.group.severity))
        events.write(change.group, change: change.kind.rawValue, at: now, to: &sink)
    }

    /// Writes how many ends are in each state.
    func publish(_ counts: RoleCounts, _ now: Timestamp) {
        guard hasLines else { return }
        var sink = leveled(.information)
        events.write(counts, at: now, to: &sink)
    }

    /// Writes where packets and kernel disagree, and where they do no longer.
    func publish(_ result: SocketReconciler.Result, _ now: Timestamp) {
        guard hasLines else {
            if result.count > 0 {
                show?(
                    "kernel: \(Count(result.agreeing)) sockets agree, \(Count(result.count)) differ"
                )
            }
            return
        }
        var sink = leveled(.warning)
        for (entries, hasEnded) in [(result.begun, false), (result.ended, true)] {
            for entry in entries {
                events.write(
                    entry.disagreement, hasEnded: hasEnded,
                    local: entry.name.local.text(port: entry.name.localPort),
                    remote: entry.name.remote.text(port: entry.name.remotePort), wire: entry.wire,
                    kernel: entry.kernel, process: entry.process, at: now, to: &sink)
            }
        }
    }

    /// Writes the states and what is stuck on standard error.
    func printSnapshot(
        _ counts: RoleCounts, _ stuck: [StuckMonitor.Entry], _ frames: FrameCounts,
        _ statistics: LiveCapture.Statistics, _ now: Timestamp
    ) {
        var sink = errors
        var lines = LiveEvents(spelling: spelling)
        lines.write(counts, at: now, to: &sink)
        for entry in stuck {
            lines.write(
                entry.problem, hasEnded: false, at: now, location: location(entry.scope),
                process: entry.process, to: &sink)
        }
        sink.write(
            "# \(Count(frames.frames).of("frame")), \(Count(frames.connections).of("connection")) since the"
                + " start; lost: \(Count(statistics.dropped)) by the kernel,"
                + " \(Count(statistics.droppedByInterface)) by the interface\n")
    }

    /// Writes the final report.
    func write(_ report: Report) {
        var sink = log
        if isJSON {
            var format = JSONReport(names: names)
            format.write(report, to: &sink)
        } else {
            var format = ASCIIText(TextReport(layout: layout), layout)
            format.write(report, to: &sink)
        }
    }

    /// Hands over what is there.
    func flush(_ now: Timestamp) {
        if let count = rate.takeLoss(now) {
            notice(
                "\(count) state changes left out: more per second than --rate allows", now)
        }
        log.flush()
        if let lost = log.takeLoss() {
            notice("\(Count(lost).of("line")) lost before this one: the reader was too slow", now)
        }
        errors.flush()
    }

    /// Opens the file anew, after the old one was moved away.
    func reopen() { log.reopen() }

    /// Writes the rest, for that long at most. Returns whether everything was written.
    func finish(within span: TimeSpan) -> Bool {
        show = nil
        log.finish(within: span)
        errors.finish(within: 100_000_000)
        return log.isWhole
    }

    private func location(_ scope: UInt32) -> EventLocation? {
        scopes.location(of: scope).map { location in
            EventLocation(
                interface: interfaces[Int(location.interface)], vlan: location.vlan,
                isOneOfSeveral: interfaces.count > 1)
        }
    }
}
