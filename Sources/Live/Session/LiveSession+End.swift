import Analysis
import Capture
import Diagnosis
import Glibc
import Host
import Reports
import TCPState
import Tracking
import Wire

extension LiveSession {
    /// The time from the signal that ends a run to its end, at most.
    private static var endLimit: TimeSpan { .milliseconds(1_300) }

    /// The same where a pipe has ended, and no signal or key has ended the run.
    private static var ownEndLimit: TimeSpan { .seconds(60) }

    /// Takes what is on its way, writes the report and what is to be kept, all within ``endLimit``; where a pipe has ended,
    /// within ``ownEndLimit``, or until a signal comes.
    func finish() throws(RunFailure) {
        let isOwnEnd = input.isAtEnd && !isToldToEnd
        let deadline =
            (stopped ?? host.now) + (isOwnEnd ? LiveSession.ownEndLimit : LiveSession.endLimit)
        func left(_ most: TimeSpan) -> TimeSpan {
            max(.milliseconds(50), min(most, deadline - host.now))
        }
        screen?.close()
        service.close()
        manager.noteStopping()
        publisher.show = nil
        receiveRest(deadline)
        let now = host.now
        let clock = input.clock(now)
        tracker.tick(to: clock)
        // What timers withdraw at the last frame is told, too.
        let order = tracker.runTimersToEnd()
        publishTransitions()
        tracker.observer.end = clock
        let saved = stateSaver?.saveAtEnd(&tracker, deadline)
        if let failure = saved?.failure { publisher.notice(failure, now) }
        // The rest of the time is for writing.
        let unseen = tracker.close(order) { [host, signals] in
            deadline - host.now > .milliseconds(500) && !(isOwnEnd && signals?.isToldToEnd ?? false)
        }
        if unseen > 0 {
            publisher.notice(
                "the report lacks \(unseen) of \(order.count) open connections: no time was left",
                now)
        }
        publisher.write(report(clock, now))
        packetWriter?.finish(within: left(.milliseconds(400)))
        let failure = stateSaver?.finish(
            within: left(.milliseconds(300)), isSaved: saved?.isSaved ?? true)
        if let failure { publisher.warn([failure]) }
        let isWhole = publisher.finish(within: left(.milliseconds(800)))
        if !isWhole || unseen > 0 || (packetWriter?.lostFrames ?? 0) > 0 { throw RunFailure() }
    }

    /// What came before the signal may still be on its way; under a flood there is always more.
    private func receiveRest(_ deadline: Timestamp) {
        host.pause(min(input.latency / 2, .milliseconds(100)))
        while !receiveBatch(), deadline - host.now > .seconds(1) {}
    }

    private func report(_ end: Timestamp, _ now: Timestamp) -> Report {
        var summary = InputSummary(tracker.counts)
        summary.connections -= tracker.observer.copies
        summary.files = input.names
        summary.first = summary.first ?? beginning
        summary.last = end
        // The streams of what nobody keeps, or keeps in parts, have no numbers that Wireshark would give them.
        summary.isInFile = options.isInFile
        let statistics = input.statistics
        summary.dropped = statistics.dropped + statistics.droppedByInterface
        var report = Report(
            input: summary, summary: tracker.observer.summary, spelling: options.spelling)
        if let locals {
            locals.refresh(now)
            if host.wait(on: [locals.descriptor], milliseconds: 200) { locals.takeAnswer() }
            report.nameProcesses { locals.processes(of: $0.key, client: $0.opener) }
        }
        return report
    }
}

extension SignalQueue {
    /// Whether a signal has come that ends a run; the others that have are forgotten.
    fileprivate var isToldToEnd: Bool {
        while let signal = next() {
            if signal == SIGINT || signal == SIGTERM { return true }
        }
        return false
    }
}
