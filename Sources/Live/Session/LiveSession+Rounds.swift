import Capture
import Diagnosis
import Monitoring
import Reports
import TCPState
import TerminalUI
import Tracking
import Wire

// What a run tells of its connections while it goes on.
extension LiveSession {
    /// Writes the transitions since the last time.
    func publishTransitions() {
        guard tracker.observer.hasChanges else { return }
        let closed = tracker.observer.closed
        let entries = tracker.observer.takeTransitions()
        for entry in entries where publisher.hasLines {
            let serial = entry.transition.connection
            guard let record = closed[serial] ?? tracker.connection(numbered: serial) else {
                continue
            }
            publisher.publish(
                entry.event, TransitionRow(live: entry.transition, of: record),
                process: process(of: record))
        }
        for (serial, record) in closed {
            service.connectionClosed(record)
            stuck.forget(serial, record.key, at: input.clock(host.now))
        }
    }

    /// Looks at some connections: what is stuck, how many are in each state, what the screen and the page show.
    func lookAtConnections(_ now: Timestamp) {
        if !sweep.isUnderWay {
            screen?.beginRound()
            service.beginRound(now)
            // A row has its program, stuck or not.
            if screen != nil { locals?.refresh(now) }
        }
        let clock = input.clock(now)
        var changes: [StuckMonitor.Change] = []
        let isInRound = service.isInRound
        let isComplete = sweep.advance(&tracker, at: clock, now) { record in
            if let change = stuck.look(record, at: clock) { changes.append(change) }
            let serial = record.connection.serial
            if isInRound { service.add(record, stuck.finding(serial), at: clock) }
            guard let screen, !record.connection.anomalies.contains(.seenElsewhere) else { return }
            let entry = stuck.entry(serial)
            screen.offer(
                ConnectionRow(
                    record, problem: entry?.problem, process: entry?.process ?? process(of: record),
                    at: clock))
        }
        for change in changes {
            if let entry = stuck.apply(change, clock, now) { service.noteStuck(entry.problem) }
        }
        if isComplete { endRound(clock, now) }
    }

    /// All connections have been looked at: shows what was found.
    private func endRound(_ clock: Timestamp, _ now: Timestamp) {
        let changes = service.publish(now, { sample($0) }, { fill(&$0, clock) })
        for change in changes { publisher.publish(change, clock) }
        service.drawLadders { serial in
            tracker.connection(numbered: serial).flatMap { tracker.observer.recent?.ladder($0) }
        }
        if let screen {
            update(&screen.figures, clock, now)
            screen.endRound { [self] in detail($0) }
        }
    }

    /// The lines about one connection on the screen.
    func detail(_ row: ConnectionRow) -> [String] {
        screen?.detail(
            row, tracker.connection(numbered: row.serial), stuck.entry(row.serial)?.problem) ?? []
    }

    private func process(of record: ConnectionRecord) -> String? {
        guard let locals, locals.isFresh(host.now) else { return nil }
        return locals.processes(of: record.key, client: record.connection.opener)
    }

    /// A connection as the page shows it.
    private func sample(_ serial: UInt32) -> ConnectionSample? {
        guard let record = tracker.connection(numbered: serial) else { return nil }
        let entry = stuck.entry(serial)
        return ConnectionSample(record: record, problem: entry?.problem, process: entry?.process)
    }

    /// What a snapshot says beside the connections.
    private func fill(_ snapshot: inout LiveSnapshot, _ clock: Timestamp) {
        snapshot.time = clock
        snapshot.beginning = beginning
        snapshot.interfaces = input.names
        snapshot.lostInterfaces = input.lost
        snapshot.frames = tracker.counts
        snapshot.droppedByKernel = health.losses.dropped
        snapshot.droppedByInterface = health.losses.droppedByInterface
        snapshot.counts = sweep.counts
        snapshot.endings = tracker.observer.summary.endings
        snapshot.transitions = tracker.observer.meter ?? snapshot.transitions
    }

    private func update(_ figures: inout Figures, _ clock: Timestamp, _ now: Timestamp) {
        let counts = tracker.counts
        figures.interfaces = input.names
        figures.lost = input.lost
        figures.now = clock
        figures.elapsed = now - beginning
        figures.frames = counts.frames
        if let count = rate.update(counts.frames, now) { figures.rate = count }
        figures.connections = sweep.counts.connections
        figures.allConnections = counts.connections
        figures.dropped = health.losses.dropped
        figures.droppedByInterface = health.losses.droppedByInterface
        figures.evicted = counts.evictions.total
        figures.stuck = stuck.count
        figures.clients = sweep.counts.clients
        figures.servers = sweep.counts.servers
    }
}

/// Frames in a second.
struct FrameRate {
    private var last = (frames: UInt64(0), time: Timestamp(nanoseconds: 0))

    /// How many frames came since the last count, which is a second old; nil while it is younger.
    mutating func update(_ frames: UInt64, _ now: Timestamp) -> UInt64? {
        guard now - last.time >= .seconds(1) else { return nil }
        defer { last = (frames, now) }
        return frames - last.frames
    }
}

extension TransitionRow {
    /// A transition of a run that goes on, where nobody knows yet how long a state lasts.
    init(live transition: Transition, of record: ConnectionRecord) {
        let delay = record.connection[transition.side].delayToTap
        self.init(
            transition: transition, time: transition.time(delay: delay), timeInState: nil,
            record: record)
    }
}
