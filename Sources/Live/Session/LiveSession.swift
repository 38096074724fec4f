public import Analysis
import Capture
import Diagnosis
import Glibc
import Host
import Monitoring
import POSIX
import Reports
import TCPState
import TerminalUI
import Tracking
import Wire

/// A live run: waits for packets, signals and the clock, and tells what happens.
///
/// Nothing here blocks: what may is done by other threads, within bounds. See ``BackgroundQueue``.
public final class LiveSession {
    let options: LiveOptions
    let host: any LiveHost
    let input: any FrameSource
    let signals: SignalQueue?
    let publisher: LivePublisher
    let output: HeldFile?
    let packetWriter: RotatingCaptureWriter?
    let stateFile: SessionFile?
    var stateSaver: StateSaver?
    let locals: LocalSockets?
    let hostAddresses: Set<Address>
    let screen: LiveScreen?
    let service: LiveService
    var manager = ServiceManager()
    var tracker: Tracker<LiveObserver>
    private let decoder = Decoder()
    var stuck: StuckReporter
    private var reconciler: SocketReconciler?
    var sweep: StateSweep
    var health: InterfaceHealth
    /// The addresses whose ends are counted apart.
    private let addresses: AddressSet
    let beginning: Timestamp
    /// When the run was told to end, or its pipe ended; nil while it goes on.
    var stopped: Timestamp?
    /// Whether a signal or a key ended it.
    private(set) var isToldToEnd = false
    var rate = FrameRate()

    private var nextFlush: Timestamp
    private var nextCount: Timestamp?
    private var nextComparison: Timestamp?

    /// Frames between two looks at the clock.
    private static let batch = 4096
    private static let comparisonInterval = TimeSpan.seconds(10)
    private static let flushInterval = TimeSpan.milliseconds(200)

    /// Opens everything, gives up the right to do so, and begins to read.
    ///
    /// - Parameter page: what serves the run to browsers; nil for nothing.
    /// - Throws: a ``RunFailure``, or a `CaptureError` of an interface or a filter.
    public convenience init(_ options: LiveOptions, page: (any PageServer)?) throws {
        let host = SystemHost()
        self.init(options, try LiveResources(opening: options, page, host), page, host)
        do throws(HostError) {
            try Sandbox.enter(
                outputs: [
                    options.output, options.packets?.path, options.state, options.metrics.textfile,
                ].compactMap { $0 })
        } catch {
            publisher.warn(["running without a sandbox: \(error)"])
        }
        if let address = try service.start() { publisher.warn(["listening: \(address)"]) }
        input.start()
    }

    /// A run of what has been opened.
    init(
        _ options: LiveOptions, _ resources: LiveResources, _ page: (any PageServer)?,
        _ host: any LiveHost
    ) {
        self.options = options
        self.host = host
        (input, signals) = (resources.input, resources.signals)
        (output, packetWriter) = (resources.output, resources.packetWriter)
        (locals, hostAddresses) = (resources.locals, resources.hostAddresses)
        stateFile = resources.stateFile
        stateSaver = resources.stateFile.map { StateSaver($0, host) }
        addresses = options.ownAddresses
        service = LiveService(options, local: addresses, page)
        tracker = Tracker(
            observer: LiveObserver(
                local: addresses, options.thresholds, wantsTransitions: options.wantsTransitions,
                isMetered: service.wantsMetrics, isShown: service.hasPage),
            profile: options.profile, maximumConnections: options.connectionLimit)
        screen = resources.terminal.map {
            LiveScreen($0, spelling: options.spelling, layout: options.layout)
        }
        publisher = LivePublisher(
            options, file: resources.output, interfaces: input.names, hasScreen: screen != nil)
        stuck = StuckReporter(
            options.thresholds, publisher, locals: locals, hostAddresses: hostAddresses,
            packets: options.packets?.isOnlyStuck == true
                ? resources.packetWriter.map { StuckPackets($0) } : nil)
        reconciler = options.reconciles ? SocketReconciler(addresses: hostAddresses) : nil
        let now = host.now
        beginning = now
        sweep = StateSweep(local: addresses, host)
        health = InterfaceHealth(at: now)
        nextFlush = now
        nextCount = options.countInterval.map { now + $0 }
        if options.reconciles { nextComparison = now + LiveSession.comparisonInterval }
        packetWriter?.say = { [unowned self] in publisher.warn($0) }
        if let screen { publisher.show = { screen.figures.notice = $0 } }
    }

    /// Runs until a signal, the end of a pipe, or a broken pipe ends it.
    public func run() throws(RunFailure) {
        closeLastLine()
        try adoptConnections()
        manager.noteReady(host.now)
        while stopped == nil {
            let isDrained = receiveBatch()
            let now = host.now
            if isDrained { tracker.tick(to: input.clock(now) - input.latency) }
            doWhatIsDue(now, isIdle: isDrained)
            if isDrained, input.isAtEnd {
                if let screen {
                    screen.figures.notice = "end of the pipe: press q to quit"
                } else {
                    stopped = now
                }
            }
            if isDrained, !sweep.isUnderWay, stopped == nil {
                let others = [signals?.descriptor, screen?.descriptor, locals?.descriptor]
                host.wait(on: input.descriptors + others.compactMap { $0 }, milliseconds: 200)
            }
            handleSignals(now)
        }
        try finish()
    }

    // MARK: Packets

    /// Takes the packets that are there, up to a number. Returns whether that was all.
    func receiveBatch() -> Bool {
        defer { tracker.flush() }
        return input.read(atMost: LiveSession.batch, now: host.now) { frame in receive(frame) }
    }

    private func receive(_ frame: borrowing Frame) {
        let known = tracker.observer.transitionCount
        tracker.enqueue(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
            at: frame.timestamp,
            interface: frame.interface, frame: frame.number)
        // A screen wants to know which frame brought what.
        if screen != nil { tracker.flush() }
        if !stuck.keepsPackets {
            packetWriter?.write(frame.bytes, wireLength: frame.wireLength, at: frame.timestamp)
        }
        let isShown =
            screen.map { $0.isFollowing || tracker.observer.transitionCount > known } ?? false
        guard isShown || stuck.keepsPackets else { return }
        var segment = Segment()
        let outcome = decoder.decode(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength, into: &segment)
        guard case .segment = outcome else { return }
        stuck.store(FlowKey(segment), frame)
        if isShown, let screen {
            screen.keep(segment, frame, tracker.observer.entries(from: known)) {
                tracker.connection(numbered: $0)
            }
        }
    }

    // MARK: What is due

    private func doWhatIsDue(_ now: Timestamp, isIdle: Bool) {
        manager.noteAlive(now)
        publishTransitions()
        if sweep.isDue(now, isIdle: isIdle) { lookAtConnections(now) }
        stuck.report(now, at: input.clock(now))
        for line in health.look(at: input, now) ?? [] { publisher.notice(line, now) }
        for line in service.takeErrors() { publisher.notice(line, now) }
        if let due = nextCount, now >= due, publisher.hasLines, let step = options.countInterval {
            nextCount = max(due + step, now)
            let (counts, time) = count(now)
            publisher.publish(counts, time)
        }
        if let due = nextComparison, now >= due, let locals {
            nextComparison = now + LiveSession.comparisonInterval
            locals.refresh(now)
            if let result = reconciler?.compare(&tracker, locals) { publisher.publish(result, now) }
        }
        if let failure = stateSaver?.saveIfDue(&tracker, now) { publisher.notice(failure, now) }
        if let screen {
            switch screen.handleKeys({ [self] in detail($0) }) {
            case .quit: end(now)
            case .fetch: sweep.hurry()
            case .none, .redraw, .suspend: break
            }
        }
        if now >= nextFlush {
            nextFlush = now + LiveSession.flushInterval
            publisher.flush(now)
            packetWriter?.flush()
            if !publisher.hasReader { stopped = now }
        }
    }

    func handleSignals(_ now: Timestamp) {
        while let signal = signals?.next() { handle(signal, now) }
    }

    /// Ends the run on a signal or a key.
    private func end(_ now: Timestamp) {
        stopped = stopped ?? now
        isToldToEnd = true
    }

    private func handle(_ signal: Int32, _ now: Timestamp) {
        switch signal {
        case SIGWINCH: screen?.draw { [self] in detail($0) }
        case SIGINT, SIGTERM: end(now)
        case SIGHUP:
            publisher.reopen()
            packetWriter?.reopen()
        case SIGUSR1: printSnapshot(now)
        default: break
        }
    }

    /// The states and what is stuck, on standard error.
    private func printSnapshot(_ now: Timestamp) {
        // A screen shows it all the time.
        if screen != nil { return }
        let (counts, time) = count(now)
        publisher.printSnapshot(
            counts, stuck.entries, tracker.counts, input.statistics, time)
    }

    /// How many ends are in each state, as of the last moment whose packets are all here; and that moment.
    private func count(_ now: Timestamp) -> (counts: RoleCounts, time: Timestamp) {
        let time = input.clock(now) - input.latency
        tracker.runTimers(to: time)
        var counts = RoleCounts(local: addresses)
        tracker.look { counts.count($0) }
        return (counts, time)
    }
}
