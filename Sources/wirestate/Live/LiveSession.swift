import Analysis
import Capture
import Diagnosis
import Glibc
import Host
import Reports
import TCPState
import TerminalUI
import Tracking
import Wire

/// A live run: waits for packets, signals and the clock, and tells what happens.
final class LiveSession {
    private let command: LiveCommand
    private let signals: SignalQueue
    private var reader: LiveReader
    private var tracker: Tracker<LiveObserver>
    private let log: EventLog
    private let screen: LiveScreen?
    private let locals: LocalSockets
    private let recorder: RotatingCaptureWriter?
    private var stuckRecorder: StuckPackets?
    private let decoder = Decoder()
    private var events: LiveEvents
    private var watch: StuckMonitor
    private var reconciler: SocketReconciler?
    private let stateFile: SessionFile?
    private let beginning: Timestamp
    private var isDone = false

    /// Where the sweep over all connections has come to; 0 between two rounds.
    private var place: UInt32 = 0
    /// The states as the round so far has found them.
    private var round = RoleStateCounts()
    /// The states as the last whole round found them.
    private var census = RoleStateCounts()
    private var nextRound: Timestamp
    /// Nanoseconds that the round has taken.
    private var roundCost: Int64 = 0
    private var nextFlush: Timestamp
    private var nextSecond: Timestamp
    private var nextTally: Timestamp?
    private var nextComparison: Timestamp?
    private var nextState: Timestamp?
    private var losses = LiveCapture.Statistics()
    private var framesBefore: UInt64 = 0

    /// Frames between two looks at the clock.
    private static let batch = 4096
    /// Connections that a sweep looks at without a look at the packets.
    private static let slice = 1 << 15

    /// Opens everything and gives up the right to do so.
    init(_ command: LiveCommand) throws {
        self.command = command
        signals = try LiveSession.attempt { () throws(HostError) in
            try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH])
        }
        let user = User(name: command.user)
        locals = LocalSockets(
            try LiveSession.attempt { () throws(HostError) in
                try ProcessFinder(user: user)
            })
        reader = try LiveReader(interfaces: command.interface, command.settings)
        reconciler =
            command.reconcile
            ? SocketReconciler(addresses: SocketReconciler.localAddresses()) : nil
        stateFile = command.state.map { SessionFile(path: $0) }
        log = try EventLog(path: command.output)
        recorder = try LiveSession.recorder(command, reader)
        stuckRecorder = command.onlyStuck ? recorder.map { StuckPackets($0) } : nil
        if let user {
            for path in [command.output, recorder?.current].compactMap({ $0 }) {
                Privileges.give(path, to: user)
            }
            try LiveSession.attempt { () throws(HostError) in
                try Privileges.drop(to: user, keeping: .rawNetwork)
            }
        }
        let folders = [command.rotate == nil ? nil : command.write, command.state]
        for case let path? in folders where !Privileges.canMakeFiles(beside: path) {
            throw CommandFailure(
                lines: [
                    "\(path): \(command.user) cannot make files there: choose another folder, or --user"
                ])
        }
        do throws(HostError) {
            try Sandbox.enter(
                outputs: [command.output, command.write, command.state].compactMap { $0 })
        } catch {
            complain(["no sandbox: \(error): goes on without"])
        }
        events = LiveEvents(spelling: command.tracking.states, isJSON: command.tracking.json)
        watch = StuckMonitor(command.findings.limits)
        tracker = Tracker(
            observer: LiveObserver(
                local: command.tracking.localAddresses, command.findings.limits,
                wantsNotes: !command.quiet),
            profile: command.tracking.profile,
            maximumConnections: command.tracking.connectionLimit)
        let wantsScreen = !command.tracking.json && !command.quiet
        screen = (wantsScreen ? Terminal() : nil).map {
            LiveScreen($0, spelling: command.tracking.states)
        }
        let now = Timestamp.now
        beginning = now
        nextRound = now
        nextFlush = now
        nextSecond = now
        nextTally = command.step.map { now + $0 }
        if let screen { log.say = { screen.figures.notice = $0.joined(separator: " ") } }
    }

    /// What writes the packets; nil where nothing does.
    private static func recorder(
        _ command: LiveCommand, _ reader: borrowing LiveReader
    ) throws -> RotatingCaptureWriter? {
        guard let path = command.write else { return nil }
        guard let linkType = reader.linkTypes.first, reader.linkTypes.count == 1 else {
            throw CommandFailure(
                lines: [
                    "\(path): a pcap file has one link type, these interfaces have several:"
                        + " run one wirestate for each"
                ], code: 2)
        }
        return try RotatingCaptureWriter(
            path: path, rotation: command.rotation ?? .never, keep: command.keep,
            linkType: linkType, snapshotLength: command.snapshotLength)
    }

    /// Takes up connections of an earlier run and of the kernel.
    private func prime() throws(CommandFailure) {
        let now = Timestamp.now
        if let stateFile {
            let count = try stateFile.read(into: &tracker, at: now)
            if count > 0 { notice("\(count) connections taken up from \(stateFile.path)", now) }
        }
        if command.prime {
            locals.refresh(now)
            let count = locals.adopt(into: &tracker, now)
            notice("\(count) connections taken up from the kernel", now)
        }
        try stateFile?.write(&tracker)
        if stateFile != nil { nextState = now + 10_000_000_000 }
        if command.reconcile { nextComparison = now + 10_000_000_000 }
    }

    private static func attempt<Value>(_ call: () throws(HostError) -> Value) throws(CommandFailure)
        -> Value
    {
        do { return try call() } catch { throw CommandFailure(lines: ["\(error)"]) }
    }

    /// Runs until a signal or a broken pipe ends it.
    func run() throws(CommandFailure) {
        try prime()
        while !isDone {
            let isDrained = takeBatch()
            let now = Timestamp.now
            if isDrained { tracker.tick(to: now - reader.latency) }
            runDueTasks(now)
            if isDrained, place == 0, !isDone {
                let others = [signals.descriptor] + (screen.map { [$0.descriptor] } ?? [])
                wait(on: reader.descriptors + others, milliseconds: 200)
            }
            while let signal = signals.next() { take(signal, now) }
        }
        try finish()
    }

    /// Takes the packets that are there, up to a number. Returns whether that was all.
    private func takeBatch() -> Bool {
        defer { tracker.flush() }
        return takeBatch(of: &reader)
    }

    private func takeBatch(of reader: inout LiveReader) -> Bool {
        let now = Timestamp.now
        for _ in 0..<LiveSession.batch {
            switch reader.next(now: now) {
            case .frame(let frame):
                let known = tracker.observer.noteCount
                tracker.enqueue(
                    frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                    at: frame.timestamp, interface: frame.interface, frame: frame.number)
                // A screen wants to know which frame brought what.
                if screen != nil { tracker.flush() }
                if command.onlyStuck {
                    keep(frame.bytes, frame.linkType, frame.wireLength, frame.timestamp)
                } else if let recorder {
                    recorder.write(
                        frame.bytes, wireLength: frame.wireLength, at: frame.timestamp)
                }
                if let screen, screen.isFollowing || tracker.observer.noteCount > known {
                    var segment = Segment()
                    let outcome = decoder.decode(
                        frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                        into: &segment)
                    if case .segment = outcome {
                        chronicle(
                            segment, at: frame.timestamp, frame: frame.number, from: known, screen)
                    }
                }
            case .nothing: return true
            }
        }
        return false
    }

    /// Keeps a packet until its connection is stuck, or is known not to be.
    private func keep(
        _ bytes: Span<UInt8>, _ linkType: LinkType, _ wireLength: Int, _ time: Timestamp
    ) {
        var segment = Segment()
        let outcome = decoder.decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &segment)
        guard case .segment = outcome else { return }
        stuckRecorder?.take(FlowKey(segment), bytes, wireLength: wireLength, at: time)
    }

    /// Keeps a frame for the ladder, if it brought anything or its connection is being looked at.
    private func chronicle(
        _ segment: Segment, at time: Timestamp, frame: UInt64, from known: Int, _ screen: LiveScreen
    ) {
        let notes = tracker.observer.notes(from: known)
        screen.note(notes, frame: frame)
        let key = FlowKey(segment)
        guard screen.follows(key) || notes.contains(where: { $0.key == key }) else { return }
        let record = tracker.connections(on: key).first { $0.connection.lastFrame == frame }
        guard let serial = record?.connection.serial else { return }
        screen.note(segment, at: time, frame: frame, of: serial)
    }

    /// Does what is due.
    private func runDueTasks(_ now: Timestamp) {
        publish()
        sweep(now)
        if now >= nextSecond {
            nextSecond = now + 1_000_000_000
            lookAfterInterfaces(now)
        }
        if let due = nextTally, now >= due, hasLines, let step = command.step {
            nextTally = max(due + step, now)
            tally(now)
        }
        if let due = nextComparison, now >= due {
            nextComparison = now + 10_000_000_000
            compare(now)
        }
        if let due = nextState, now >= due { keepState(now) }
        if let screen {
            switch screen.takeKeys({ [self] in detail($0) }) {
            case .quit: isDone = true
            case .fetch: nextRound = now
            case .none, .redraw: break
            }
        }
        if now >= nextFlush {
            nextFlush = now + 200_000_000
            log.flush()
            recorder?.flush(now)
            if !log.hasReader { isDone = true }
        }
    }

    private func take(_ signal: Int32, _ now: Timestamp) {
        switch signal {
        case SIGWINCH: screen?.draw { [self] in detail($0) }
        case SIGINT, SIGTERM: isDone = true
        case SIGHUP:
            log.reopen()
            recorder?.reopen()
        case SIGUSR1: printSnapshot(now)
        default: break
        }
    }

    // MARK: Telling

    /// Whether lines are written: a screen has the terminal for itself.
    private var hasLines: Bool { screen == nil || command.output != nil }

    /// Writes the transitions since the last time.
    private func publish() {
        guard tracker.observer.hasNews else { return }
        let departed = tracker.observer.departed
        var sink = log
        let notes = tracker.observer.takeNotes()
        for note in notes where hasLines {
            let serial = note.transition.connection
            let current = tracker.connections(on: note.key).first { $0.connection.serial == serial }
            guard let record = departed[serial] ?? current else { continue }
            let delay = record.connection[note.transition.side].delayToTap
            let row = TransitionRow(
                transition: note.transition, time: note.transition.time(delay: delay),
                timeInState: nil, record: record)
            events.write(note.event, row, to: &sink)
        }
        for (serial, record) in departed {
            stuckRecorder?.forget(record.key)
            if let news = watch.forget(serial) { publish(news, Timestamp.now) }
        }
    }

    private func publish(_ news: StuckMonitor.Change, _ now: Timestamp) {
        let (item, isOver): (StuckMonitor.Item, Bool)
        switch news {
        case .begun(let serial):
            guard let begun = watch.items[serial] else { return }
            stuckRecorder?.begin(begun.trouble.key)
            (item, isOver) = (begun, false)
        case .over(let over): (item, isOver) = (over, true)
        }
        guard hasLines else { return }
        var sink = log
        events.write(item.trouble, isOver: isOver, at: now, process: item.process, to: &sink)
    }

    /// Names the local programs of connections that have just become stuck.
    private func nameProcesses(_ news: [StuckMonitor.Change], _ now: Timestamp) {
        let serials = news.compactMap { item in
            if case .begun(let serial) = item { serial } else { nil }
        }
        if serials.isEmpty { return }
        locals.refresh(now)
        for serial in serials {
            guard let item = watch.items[serial] else { continue }
            watch.items[serial]?.process = locals.processes(
                of: item.trouble.key, client: item.trouble.opener)
        }
    }

    private func notice(_ text: String, _ now: Timestamp) {
        if let screen { screen.figures.notice = text } else { complain([text]) }
        guard hasLines else { return }
        var sink = log
        events.write(notice: text, at: now, to: &sink)
    }

    // MARK: Looking at the connections

    /// Looks at some connections; a round over all of them begins five times a second, or less often where
    /// there are many.
    private func sweep(_ now: Timestamp) {
        defer {
            // Looking takes an eighth of the time at most, however many connections there are.
            let end = Timestamp.now
            roundCost += end - now
            if place == 0, nextRound <= now { nextRound = now + max(200_000_000, 7 * roundCost) }
        }
        if place == 0 {
            guard now >= nextRound else { return }
            roundCost = 0
            round = RoleStateCounts()
            screen?.beginRound()
        }
        var news: [StuckMonitor.Change] = []
        place = tracker.sweep(from: place, count: LiveSession.slice, at: now) { record in
            round.count(record.connection)
            if let found = watch.look(record, at: now) { news.append(found) }
            if let screen {
                let item = watch.items[record.connection.serial]
                screen.offer(
                    ConnectionRow(
                        record, trouble: item?.trouble, process: item?.process, at: now))
            }
        }
        nameProcesses(news, now)
        for item in news { publish(item, now) }
        guard place == 0 else { return }
        census = round
        if let screen {
            update(&screen.figures, now)
            screen.endRound { [self] in detail($0) }
        }
    }

    private func update(_ figures: inout Figures, _ now: Timestamp) {
        let account = tracker.account
        figures.interfaces = reader.interfaces
        figures.lost = reader.lost
        figures.now = now
        figures.elapsed = now - beginning
        figures.frames = account.frames
        figures.connections = round.connections
        figures.allConnections = account.connections
        figures.dropped = losses.dropped
        figures.droppedByInterface = losses.droppedByInterface
        figures.evicted = account.evictions.total
        figures.stuck = watch.items.count
        figures.clients = census.clients
        figures.servers = census.servers
    }

    /// The lines about one connection on the screen.
    private func detail(_ row: ConnectionRow) -> [String] {
        let record = tracker.connections(on: row.key).first { $0.connection.serial == row.serial }
        return screen?.detail(row, record, watch.items[row.serial]?.trouble) ?? []
    }

    private func tally(_ now: Timestamp) {
        var counts = StateCounts()
        let local = command.tracking.localAddresses
        tracker.look { record in
            for side in Side.allCases where local.isEmpty || local.contains(record.address(side)) {
                counts[record.connection[side].state] += 1
            }
        }
        let sample = StateSample(time: now, counts: counts)
        var sink = log
        if command.tracking.json {
            var format = JSONStateSeries(spelling: command.tracking.states)
            format.write([sample], to: &sink)
        } else {
            var format = StateTally(spelling: command.tracking.states)
            format.write(sample, to: &sink)
        }
    }

    /// Compares the packets' view of this host's sockets with the kernel's.
    private func compare(_ now: Timestamp) {
        locals.refresh(now)
        guard let result = reconciler?.compare(&tracker, locals) else { return }
        guard hasLines else {
            if result.count > 0 {
                screen?.figures.notice =
                    "kernel: \(result.agreeing) sockets agree, \(result.count) do not"
            }
            return
        }
        var sink = log
        for (items, isOver) in [(result.begun, false), (result.over, true)] {
            for item in items {
                events.write(
                    item.disagreement, isOver: isOver,
                    local: item.name.local.text(port: item.name.localPort),
                    remote: item.name.remote.text(port: item.name.remotePort), wire: item.wire,
                    kernel: item.kernel, process: item.process, at: now, to: &sink)
            }
        }
    }

    /// Writes the open connections down, less often where that takes long.
    private func keepState(_ now: Timestamp) {
        do { try stateFile?.write(&tracker) } catch {
            notice(error.lines.joined(separator: " "), now)
        }
        let end = Timestamp.now
        nextState = end + max(10_000_000_000, 20 * (end - now))
    }

    /// The states and what is stuck, on standard error.
    private func printSnapshot(_ now: Timestamp) {
        // A screen shows it all the time.
        if screen != nil { return }
        var sink = TextSink()
        var format = StateTally(spelling: command.tracking.states)
        format.write(StateSample(time: now, counts: census.clients + census.servers), to: &sink)
        var lines = LiveEvents(spelling: command.tracking.states, isJSON: false)
        for item in watch.items.values.sorted(by: {
            $0.trouble.finding.since < $1.trouble.finding.since
        }) {
            lines.write(item.trouble, isOver: false, at: now, process: item.process, to: &sink)
        }
        let account = tracker.account
        let statistics = reader.statistics
        sink.write(
            "# \(account.frames) frames, \(account.connections) connections since the start; lost:"
                + " \(statistics.dropped) by the kernel, \(statistics.droppedByInterface) by the"
                + " interface\n")
        writeAll(sink.text, to: STDERR_FILENO)
    }

    // MARK: Interfaces

    /// Says what was lost, and opens interfaces that are back.
    private func lookAfterInterfaces(_ now: Timestamp) {
        for trouble in reader.takeTroubles() { notice("\(trouble)", now) }
        for name in reader.takeUp() { notice("\(name): is back: capturing again", now) }
        let statistics = reader.statistics
        let dropped = statistics.dropped - losses.dropped
        let droppedByInterface = statistics.droppedByInterface - losses.droppedByInterface
        if dropped > 0 || droppedByInterface > 0 {
            notice(
                "packets lost: \(dropped) by the kernel (raise --buffer), \(droppedByInterface) by"
                    + " the interface", now)
        }
        losses = statistics
        screen?.figures.rate = tracker.account.frames - framesBefore
        framesBefore = tracker.account.frames
    }

    // MARK: The end

    private func finish() throws(CommandFailure) {
        screen?.close()
        log.say = complain
        while !takeBatch() {}
        let now = Timestamp.now
        tracker.tick(to: now)
        // What timers withdraw at the last frame is told, too.
        _ = tracker.runTimersToEnd()
        publish()
        tracker.observer.end = now
        if nextState != nil { keepState(now) }
        tracker.finish()
        let overview = tracker.observer.overview
        var account = InputSummary(tracker.account)
        account.files = command.interface
        account.first = account.first ?? beginning
        account.last = now
        let statistics = reader.statistics
        account.dropped = statistics.dropped + statistics.droppedByInterface
        let report = Report(
            account: account, overview: overview, spelling: command.tracking.states)
        var sink = log
        if command.tracking.json {
            var format = JSONReport()
            format.write(report, to: &sink)
        } else {
            var format = TextReport(palette: .standard)
            format.write(report, to: &sink)
        }
        recorder?.flush(now)
        if let lost = recorder?.lostFrames, lost > 0 {
            complain(["\(recorder?.current ?? ""): \(lost) frames could not be written"])
        }
        log.finish()
        if !log.isWhole || (recorder?.lostFrames ?? 0) > 0 { throw CommandFailure() }
    }
}

/// How many clients and servers are in each state.
struct RoleStateCounts {
    var clients = StateCounts()
    var servers = StateCounts()

    var connections = 0

    mutating func count(_ connection: Connection) {
        connections += 1
        clients[connection.client.state] += 1
        servers[connection.server.state] += 1
    }
}
