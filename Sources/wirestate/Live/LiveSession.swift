import Analysis
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
final class LiveSession {
    private let command: LiveCommand
    private let signals: SignalQueue
    private let input: LiveInput
    private let publisher: LivePublisher
    private let output: HeldFile?
    private let recorder: RotatingCaptureWriter?
    private var stuckRecorder: StuckPackets?
    /// `--only-stuck`, which every packet asks for.
    private let writesOnlyStuck: Bool
    private let stateFile: SessionFile?
    private let locals: LocalSockets?
    private let screen: LiveScreen?
    private let service: LiveService
    private var manager = ServiceManager()
    private var tracker: Tracker<LiveObserver>
    private let decoder = Decoder()
    private var watch: StuckMonitor
    private var reconciler: SocketReconciler?
    private var sweep: StateSweep
    private var health: InterfaceHealth
    /// The addresses whose ends are counted apart.
    private let addresses: AddressSet
    private let hostAddresses: Set<Address>
    private let beginning: Timestamp
    /// When the run was told to end; nil while it was not.
    private var stopped: Timestamp?

    private var nextFlush: Timestamp
    private var nextTally: Timestamp?
    private var nextComparison: Timestamp?
    private var nextState: Timestamp?
    private var stateFailure: String?
    /// How long it took to gather the connections for the state file last.
    private var stateCost: TimeSpan = 0
    private var rate = (frames: UInt64(0), since: Timestamp(nanoseconds: 0))

    /// Frames between two looks at the clock.
    private static let batch = 4096
    /// The time from the signal that ends a run to its end, at most.
    private static let patience: TimeSpan = 1_300_000_000

    /// Opens everything and gives up the right to do so.
    init(_ command: LiveCommand) throws {
        self.command = command
        signals = try LiveSession.attempt { () throws(HostError) in
            try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH])
        }
        let user = User(name: command.user)
        locals =
            command.isPiped
            ? nil
            : LocalSockets(
                try LiveSession.attempt { () throws(HostError) in
                    try ProcessFinder(user: user)
                })
        addresses = command.ownAddresses
        hostAddresses = command.isPiped ? [] : SocketReconciler.localAddresses()
        input =
            command.isPiped
            ? try LiveInput(filter: command.settings.filter)
            : try LiveInput(interfaces: command.interface, command.settings)
        output = try LiveSession.output(command, user)
        recorder = try LiveSession.recorder(command, input, user)
        service = try LiveService(command)
        writesOnlyStuck = command.onlyStuck
        stuckRecorder = writesOnlyStuck ? recorder.map { StuckPackets($0) } : nil
        if let user {
            try LiveSession.attempt { () throws(HostError) in
                try Privileges.drop(to: user, keeping: command.isPiped ? [] : .rawNetwork)
            }
        }
        let folders = [
            command.rotate == nil ? nil : command.write, command.state, command.metrics.textfile,
        ]
        for case let path? in folders where !Privileges.canMakeFiles(beside: path) {
            throw CommandFailure(
                lines: [
                    "\(path): user \(command.user) cannot create files there: choose another directory, or --user"
                ])
        }
        let names = input.names
        stateFile = try command.state.map { (path) throws(CommandFailure) in
            try SessionFile(path: path, interfaces: names)
        }
        let limits = command.findings.limits
        watch = StuckMonitor(limits)
        tracker = Tracker(
            observer: LiveObserver(
                local: addresses, limits, wantsNotes: !command.quiet,
                isMetered: service.wantsMetrics, isShown: service.hasPage),
            profile: command.tracking.profile,
            maximumConnections: command.tracking.connectionLimit)
        let wantsScreen = !command.isJSON && !command.quiet
        screen = (wantsScreen ? Terminal(takesInput: !command.isPiped) : nil).map {
            LiveScreen(
                $0, spelling: command.tracking.states, layout: command.tracking.text.layout)
        }
        publisher = LivePublisher(
            command, file: output, interfaces: input.names, hasScreen: screen != nil)
        reconciler = command.reconcile ? SocketReconciler(addresses: hostAddresses) : nil
        let now = Timestamp.now
        beginning = now
        sweep = StateSweep(local: addresses, at: now)
        health = InterfaceHealth(at: now)
        nextFlush = now
        nextTally = command.step.map { now + $0 }
        if command.reconcile { nextComparison = now + 10_000_000_000 }
        // Soon, so that a run that is killed early has left something.
        if stateFile != nil { nextState = now + 1_000_000_000 }
        recorder?.say = { [unowned self] in publisher.complain($0) }
        if let screen { publisher.show = { screen.figures.notice = $0 } }
        do throws(HostError) {
            try Sandbox.enter(
                outputs: [
                    command.output, command.write, command.state, command.metrics.textfile,
                ].compactMap { $0 })
        } catch {
            publisher.complain(["running without a sandbox: \(error)"])
        }
        if let place = try service.start() { publisher.complain(["listening: \(place)"]) }
        input.start()
    }

    /// The file that lines go to; nil for standard output.
    private static func output(_ command: LiveCommand, _ user: User?) throws(CommandFailure)
        -> HeldFile?
    {
        guard let path = command.output else { return nil }
        let file: HeldFile
        do { file = try HeldFile(path, owner: user) } catch {
            throw CommandFailure(lines: ["\(path): \(error.reason)"])
        }
        if file.hasSecondName {
            throw CommandFailure(lines: [
                "\(path): is a hard link to another file: choose another file"
            ])
        }
        return file
    }

    /// What writes the packets; nil where nothing does.
    private static func recorder(
        _ command: LiveCommand, _ input: LiveInput, _ user: User?
    ) throws(CommandFailure) -> RotatingCaptureWriter? {
        guard let path = command.write else { return nil }
        guard let linkType = input.linkTypes.first, input.linkTypes.count == 1 else {
            throw CommandFailure(
                lines: [
                    "\(path): a pcap file has one link type, but these interfaces have several:"
                        + " run one wirestate for each"
                ], code: 2)
        }
        do {
            return try RotatingCaptureWriter(
                path: path, rotation: command.rotation ?? .never, keep: command.keep,
                linkType: linkType, snapshotLength: command.snapshotLength, owner: user)
        } catch {
            throw CommandFailure(lines: ["\(path): \(error.reason)"])
        }
    }

    private static func attempt<Value>(_ call: () throws(HostError) -> Value) throws(CommandFailure)
        -> Value
    {
        do { return try call() } catch { throw CommandFailure(lines: ["\(error)"]) }
    }

    // MARK: The loop

    /// Runs until a signal, the end of a pipe, or a broken pipe ends it.
    func run() throws(CommandFailure) {
        closeLastLine()
        try takeUpConnections()
        manager.noteReady(Timestamp.now)
        while stopped == nil {
            let isDrained = takeBatch()
            let now = Timestamp.now
            if isDrained { tracker.tick(to: input.clock(now) - input.latency) }
            doWhatIsDue(now)
            if isDrained, input.isAtEnd {
                if let screen {
                    screen.figures.notice = "end of the pipe: press q to quit"
                } else {
                    stopped = now
                }
            }
            if isDrained, !sweep.isUnderWay, stopped == nil {
                let others = [signals.descriptor, screen?.descriptor, locals?.descriptor]
                wait(on: input.descriptors + others.compactMap { $0 }, milliseconds: 200)
            }
            while let signal = signals.next() { take(signal, now) }
        }
        try finish()
    }

    /// Takes out what a killed run left of its last line.
    private func closeLastLine() {
        let rest = output?.takeUnfinishedObject() ?? ""
        if rest.isEmpty { return }
        publisher.notice(
            "\(command.output ?? ""): removed an unfinished line of the last run: \(rest)",
            Timestamp.now)
    }

    /// Takes up connections of an earlier run and of the kernel.
    private func takeUpConnections() throws(CommandFailure) {
        let now = Timestamp.now
        var priming: Priming?
        if command.prime, let locals {
            locals.refresh(now)
            // What is told at once has a name, too, if the answer does not take long.
            if wait(on: [locals.descriptor], milliseconds: 300) { locals.takeAnswer() }
            priming = Priming(locals, command.tracking.profile, addresses: hostAddresses, at: now)
        }
        if let stateFile {
            let contents = try stateFile.read(
                into: &tracker, at: now, isGone: { priming?.refutes($0, $1) ?? false },
                isStopped: { [self] in
                    while let signal = signals.next() { take(signal, now) }
                    return stopped != nil
                })
            if contents.taken > 0 || contents.gone > 0 || contents.damaged > 0 {
                publisher.notice(contents.text(stateFile.path), now)
            }
        }
        if let priming {
            let count = priming.adopt(into: &tracker)
            publisher.notice("\(Count(count).of("connection")) loaded from the kernel", now)
        }
    }

    /// Takes the packets that are there, up to a number. Returns whether that was all.
    private func takeBatch() -> Bool {
        defer { tracker.flush() }
        return input.take(atMost: LiveSession.batch, now: Timestamp.now) { frame in take(frame) }
    }

    private func take(_ frame: borrowing LiveInput.Frame) {
        let known = tracker.observer.noteCount
        tracker.enqueue(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength, at: frame.time,
            interface: frame.interface, frame: frame.number)
        // A screen wants to know which frame brought what.
        if screen != nil { tracker.flush() }
        if !writesOnlyStuck {
            recorder?.write(frame.bytes, wireLength: frame.wireLength, at: frame.time)
        }
        let isShown = screen.map { $0.isFollowing || tracker.observer.noteCount > known } ?? false
        guard isShown || writesOnlyStuck else { return }
        var segment = Segment()
        let outcome = decoder.decode(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength, into: &segment)
        guard case .segment = outcome else { return }
        if writesOnlyStuck {
            stuckRecorder?.take(
                FlowKey(segment), frame.bytes, wireLength: frame.wireLength, at: frame.time)
        }
        if isShown, let screen {
            keep(segment, at: frame.time, frame: frame.number, from: known, screen)
        }
    }

    /// Keeps a segment for the ladder, if it brought anything or its connection is being looked at.
    private func keep(
        _ segment: Segment, at time: Timestamp, frame: UInt64, from known: Int, _ screen: LiveScreen
    ) {
        let notes = tracker.observer.notes(from: known)
        screen.note(notes, frame: frame)
        let key = FlowKey(segment)
        var serials = Set(notes.lazy.filter { $0.key == key }.map(\.transition.connection))
        if let serial = screen.followed(key) { serials.insert(serial) }
        for serial in serials {
            let record = tracker.connection(numbered: serial)
            guard record?.connection.lastFrame == frame else { continue }
            screen.note(segment, at: time, frame: frame, of: serial)
        }
    }

    private func doWhatIsDue(_ now: Timestamp) {
        manager.noteAlive(now)
        tellTransitions()
        lookAtConnections(now)
        tellStuck(now)
        for line in health.look(at: input, now) ?? [] { publisher.notice(line, now) }
        for line in service.takeTroubles() { publisher.notice(line, now) }
        if let due = nextTally, now >= due, publisher.hasLines, let step = command.step {
            nextTally = max(due + step, now)
            let (counts, time) = count(now)
            publisher.publish(counts, time)
        }
        if let due = nextComparison, now >= due, let locals {
            nextComparison = now + 10_000_000_000
            locals.refresh(now)
            if let result = reconciler?.compare(&tracker, locals) { publisher.publish(result, now) }
        }
        if let due = nextState, now >= due { keepState(now) }
        if let screen {
            switch screen.takeKeys({ [self] in detail($0) }) {
            case .quit: stopped = now
            case .fetch: sweep.hurry()
            case .none, .redraw, .suspend: break
            }
        }
        if now >= nextFlush {
            nextFlush = now + 200_000_000
            publisher.flush(now)
            recorder?.flush()
            if !publisher.hasReader { stopped = now }
        }
    }

    private func take(_ signal: Int32, _ now: Timestamp) {
        switch signal {
        case SIGWINCH: screen?.draw { [self] in detail($0) }
        case SIGINT, SIGTERM: stopped = stopped ?? now
        case SIGHUP:
            publisher.reopen()
            recorder?.reopen()
        case SIGUSR1: printSnapshot(now)
        default: break
        }
    }

    // MARK: Telling

    /// Writes the transitions since the last time.
    private func tellTransitions() {
        guard tracker.observer.hasNews else { return }
        let departed = tracker.observer.departed
        let notes = tracker.observer.takeNotes()
        for note in notes where publisher.hasLines {
            let serial = note.transition.connection
            guard let record = departed[serial] ?? tracker.connection(numbered: serial) else {
                continue
            }
            let delay = record.connection[note.transition.side].delayToTap
            let row = TransitionRow(
                transition: note.transition, time: note.transition.time(delay: delay),
                timeInState: nil, record: record)
            publisher.publish(note.event, row, process: process(of: record))
        }
        for (serial, record) in departed {
            service.depart(record)
            stuckRecorder?.forget(record.key)
            if case .over(let item)? = watch.forget(serial) {
                publisher.publish(item, isOver: true, input.clock(Timestamp.now))
            }
        }
    }

    /// Writes which connections are stuck, once it is known what programs hold their sockets.
    private func tellStuck(_ now: Timestamp) {
        for line in watch.takeCounts(now) { publisher.notice(line, now) }
        guard let locals else { return }
        locals.takeAnswer()
        guard watch.isWaiting else { return }
        locals.refresh(now)
        let named = watch.takeNamed(now, asOf: locals.named) {
            locals.processes(of: $0.key, client: $0.opener)
        }
        for item in named { publisher.publish(item, isOver: false, input.clock(now)) }
    }

    private func process(of record: ConnectionRecord) -> String? {
        guard let locals, locals.isFresh(Timestamp.now) else { return nil }
        return locals.processes(of: record.key, client: record.connection.opener)
    }

    // MARK: Looking at the connections

    private func lookAtConnections(_ now: Timestamp) {
        guard sweep.isDue(now) else { return }
        if !sweep.isUnderWay {
            screen?.beginRound()
            service.beginRound(now)
            // A row has its program, stuck or not.
            if screen != nil { locals?.refresh(now) }
        }
        let clock = input.clock(now)
        var news: [StuckMonitor.Change] = []
        let isComplete = sweep.advance(&tracker, at: clock, now) { record in
            if let found = watch.look(record, at: clock) { news.append(found) }
            service.take(record, watch.items[record.connection.serial]?.trouble, at: clock)
            guard let screen, !record.connection.anomalies.contains(.seenElsewhere) else { return }
            let item = watch.items[record.connection.serial]
            screen.offer(
                ConnectionRow(
                    record, trouble: item?.trouble, process: item?.process ?? process(of: record),
                    at: clock))
        }
        for item in news { take(item, clock, now) }
        if isComplete {
            let changes = service.publish(now, { sample($0) }, { fill(&$0, clock) })
            for change in changes { publisher.publish(change, clock) }
            service.drawLadders { serial in
                tracker.connection(numbered: serial).flatMap { tracker.observer.recent?.ladder($0) }
            }
        }
        if isComplete, let screen {
            update(&screen.figures, clock, now)
            screen.endRound { [self] in detail($0) }
        }
    }

    private func take(_ news: StuckMonitor.Change, _ clock: Timestamp, _ now: Timestamp) {
        switch news {
        case .over(let item): publisher.publish(item, isOver: true, clock)
        case .begun(let serial):
            guard let item = watch.items[serial] else { return }
            service.noteStuck(item.trouble)
            stuckRecorder?.begin(item.trouble.key)
            guard watch.admit(serial, now) else { return }
            let isLocal = Side.allCases.contains {
                hostAddresses.contains(item.trouble.key.address($0))
            }
            if isLocal, locals != nil {
                watch.wait(for: serial, now)
            } else {
                publisher.publish(item, isOver: false, clock)
            }
        }
    }

    /// A connection as the page shows it.
    private func sample(_ serial: UInt32) -> ConnectionSample? {
        guard let record = tracker.connection(numbered: serial) else { return nil }
        let item = watch.items[serial]
        return ConnectionSample(record: record, trouble: item?.trouble, process: item?.process)
    }

    /// What a snapshot says beside the connections.
    private func fill(_ snapshot: inout LiveSnapshot, _ clock: Timestamp) {
        snapshot.time = clock
        snapshot.beginning = beginning
        snapshot.interfaces = input.names
        snapshot.lostInterfaces = input.lost
        snapshot.frames = tracker.account
        snapshot.droppedByKernel = health.losses.dropped
        snapshot.droppedByInterface = health.losses.droppedByInterface
        snapshot.counts = sweep.counts
        snapshot.endings = tracker.observer.overview.endings
        snapshot.transitions = tracker.observer.meter?.totals ?? snapshot.transitions
    }

    private func update(_ figures: inout Figures, _ clock: Timestamp, _ now: Timestamp) {
        let account = tracker.account
        figures.interfaces = input.names
        figures.lost = input.lost
        figures.now = clock
        figures.elapsed = now - beginning
        figures.frames = account.frames
        if now - rate.since >= 1_000_000_000 {
            figures.rate = account.frames - rate.frames
            rate = (account.frames, now)
        }
        figures.connections = sweep.counts.connections
        figures.allConnections = account.connections
        figures.dropped = health.losses.dropped
        figures.droppedByInterface = health.losses.droppedByInterface
        figures.evicted = account.evictions.total
        figures.stuck = watch.items.count
        figures.clients = sweep.counts.clients
        figures.servers = sweep.counts.servers
    }

    /// The lines about one connection on the screen.
    private func detail(_ row: ConnectionRow) -> [String] {
        screen?.detail(
            row, tracker.connection(numbered: row.serial), watch.items[row.serial]?.trouble) ?? []
    }

    /// How many ends are in each state, as of the last moment whose packets are all here; and that moment.
    private func count(_ now: Timestamp) -> (counts: RoleCounts, time: Timestamp) {
        let time = input.clock(now) - input.latency
        tracker.runTimers(to: time)
        var counts = RoleCounts(local: addresses)
        tracker.look { counts.count($0) }
        return (counts, time)
    }

    /// Writes the open connections down, less often where that takes long.
    private func keepState(_ now: Timestamp) {
        guard let stateFile else { return }
        if let failure = stateFile.failure, failure != stateFailure {
            publisher.notice(failure, now)
        }
        stateFailure = stateFile.failure
        let begun = Timestamp.now
        stateFile.write(&tracker)
        let end = Timestamp.now
        stateCost = end - begun
        nextState = end + max(.seconds(10), 20 * stateCost)
    }

    /// The states and what is stuck, on standard error.
    private func printSnapshot(_ now: Timestamp) {
        // A screen shows it all the time.
        if screen != nil { return }
        let account = tracker.account
        let statistics = input.statistics
        let (counts, time) = count(now)
        publisher.printSnapshot(
            counts,
            watch.items.values.sorted { $0.trouble.finding.since < $1.trouble.finding.since },
            "# \(Count(account.frames).of("frame")), \(Count(account.connections).of("connection")) since the"
                + " start; lost: \(Count(statistics.dropped)) by the kernel,"
                + " \(Count(statistics.droppedByInterface)) by the interface\n", time)
    }

    // MARK: The end

    private func finish() throws(CommandFailure) {
        let deadline = (stopped ?? Timestamp.now) + LiveSession.patience
        func left(_ most: TimeSpan) -> TimeSpan {
            max(50_000_000, min(most, deadline - Timestamp.now))
        }
        screen?.close()
        service.close()
        manager.noteStopping()
        publisher.show = nil
        // What came before the signal may still be on its way; under a flood there is always more.
        usleep(UInt32(min(input.latency / 2, .milliseconds(100)).nanoseconds / 1_000))
        while !takeBatch(), left(300_000_000) == 300_000_000,
            deadline - Timestamp.now > 1_000_000_000
        {}
        let now = Timestamp.now
        let clock = input.clock(now)
        tracker.tick(to: clock)
        // What timers withdraw at the last frame is told, too.
        let order = tracker.runTimersToEnd()
        tellTransitions()
        tracker.observer.end = clock
        let isKept = keepStateAtEnd(now, deadline)
        // The rest of the time is for writing.
        let unseen = tracker.close(order) { deadline - Timestamp.now > .milliseconds(500) }
        if unseen > 0 {
            publisher.notice(
                "the report lacks \(unseen) of \(order.count) open connections: there was no time left",
                now)
        }
        var report = report(clock)
        if let locals {
            locals.refresh(now)
            if wait(on: [locals.descriptor], milliseconds: 200) { locals.takeAnswer() }
            report.nameProcesses { locals.processes(of: $0.key, client: $0.opener) }
        }
        publisher.write(report)
        recorder?.finish(within: left(400_000_000))
        let isWritten = stateFile?.finish(within: left(300_000_000)) ?? true
        if !isKept || !isWritten || stateFile?.failure != nil {
            publisher.complain([
                stateFile?.failure
                    ?? "\(command.state ?? ""): no time left to write it: it holds an older state"
            ])
        }
        let isWhole = publisher.finish(within: left(800_000_000))
        if !isWhole || unseen > 0 || (recorder?.lostFrames ?? 0) > 0 { throw CommandFailure() }
    }

    /// Writes the state for the last time, if there is time to. Returns whether it does.
    private func keepStateAtEnd(_ now: Timestamp, _ deadline: Timestamp) -> Bool {
        guard stateFile != nil else { return true }
        guard deadline - Timestamp.now > stateCost + .milliseconds(500) else { return false }
        keepState(now)
        return true
    }

    private func report(_ end: Timestamp) -> Report {
        var account = InputSummary(tracker.account)
        account.connections -= tracker.observer.copies
        account.files = input.names
        account.first = account.first ?? beginning
        account.last = end
        // The streams of what nobody keeps, or keeps in parts, have no numbers that Wireshark would give them.
        account.isInFile =
            command.isPiped || command.write != nil && command.rotate == nil && !command.onlyStuck
        let statistics = input.statistics
        account.dropped = statistics.dropped + statistics.droppedByInterface
        return Report(
            account: account, overview: tracker.observer.overview, spelling: command.tracking.states
        )
    }
}

extension SessionFile.Contents {
    /// What was found, in words.
    fileprivate func text(_ path: String) -> String {
        var parts = ["\(Count(taken).of("connection")) loaded from \(path)"]
        if gone > 0 {
            parts.append("\(Count(gone)) ended or changed since, according to the kernel")
        }
        if damaged > 0 { parts.append("\(Count(damaged).of("damaged line")) ignored") }
        return parts.joined(separator: "; ")
    }
}
