import Capture
import Dispatch
import FlowTable
import TCPState
import Tracking
import Wire

/// Several workers over the same files: each reads all frames and tracks its shard of the connections.
///
/// Reading a file costs some nanoseconds a frame, less than handing frames from thread to thread; and
/// every worker follows the clock of all frames, so its timers run as they would alone.
struct Crew<Observer: DivisibleObserver> {
    let workers: [Worker<Observer>]
    private let observer: Observer

    init(_ options: CommonOptions, _ observer: Observer, shards: Int) throws(CaptureError) {
        var workers: [Worker<Observer>] = []
        for index in 0..<shards {
            workers.append(try Worker(options, observer.part(), Shard(index: index, of: shards)))
        }
        self.workers = workers
        self.observer = observer
    }

    /// What became of every frame and connection.
    var account: Account {
        var account = workers[0].tracker.account
        for worker in workers.dropFirst() { account.add(worker.tracker.account) }
        return account
    }

    /// Reads the files to their end.
    func work() {
        let workers = workers
        DispatchQueue.concurrentPerform(iterations: workers.count) { workers[$0].work() }
    }

    /// Joins what the workers' observers were told and lets all connections depart, in the order of
    /// their first frames.
    func finish(
        _ atEnd: (inout Observer, CaptureEnd) -> Void
    ) -> Observer {
        var observer = observer
        let numbers = Numbering(workers.map { $0.tracker.numberedOpenings })
        for (worker, part) in zip(workers, numbers.parts) {
            observer.join(worker.tracker.observer, part)
        }
        let first = workers[0]
        atEnd(&observer, CaptureEnd(first.tracker.account, first.watch, first.reader))
        let remaining = zip(workers, numbers.parts).map { worker, part in
            Remaining(worker: worker, numbers: part, order: worker.order[...])
        }
        if let joined = departEach(remaining, from: observer, atEnd) { return joined }
        departInOrder(remaining, from: &observer)
        return observer
    }

    private func departInOrder(_ remaining: [Remaining], from observer: inout Observer) {
        var remaining = remaining
        while let first = remaining.indices.min(by: { remaining[$0].next < remaining[$1].next }),
            let record = remaining[first].take()
        {
            observer.depart(record, .captureEnd)
        }
    }

    /// Lets every worker's connections depart on a thread of their own; nil where order matters.
    private func departEach(
        _ remaining: [Remaining], from observer: Observer,
        _ atEnd: (inout Observer, CaptureEnd) -> Void
    ) -> Observer? {
        guard observer.takesAnyOrder else { return nil }
        let first = workers[0]
        let parts = remaining.map { remaining in
            var part = observer.part()
            atEnd(&part, CaptureEnd(first.tracker.account, first.watch, first.reader))
            return Departing(remaining: remaining, observer: part)
        }
        DispatchQueue.concurrentPerform(iterations: parts.count) { parts[$0].work() }
        guard parts.allSatisfy(\.observer.takesAnyOrder) else { return nil }
        var joined = observer
        for part in parts { joined.join(part.observer) }
        return joined.takesAnyOrder ? joined : nil
    }

    /// What departs on one thread. Only that thread touches it until all are done.
    private final class Departing: @unchecked Sendable {
        private var remaining: Remaining
        private(set) var observer: Observer

        init(remaining: Remaining, observer: Observer) {
            self.remaining = remaining
            self.observer = observer
        }

        func work() {
            // Not in place: every access to what a class holds is checked.
            var observer = observer
            while observer.takesAnyOrder, let record = remaining.take() {
                observer.depart(record, .captureEnd)
            }
            self.observer = observer
        }
    }

    /// A worker's connections that are still to depart.
    private struct Remaining {
        let worker: Worker<Observer>
        let numbers: Numbering.Part
        var order: ArraySlice<FlowIndex>

        /// The number in the run of the next one; beyond all others if there is none.
        var next: UInt64 {
            order.first.map { UInt64(numbers.serial(worker.tracker.serial($0))) } ?? .max
        }

        mutating func take() -> ConnectionRecord? {
            order.popFirst().map { worker.tracker.record($0).renumbered(numbers) }
        }
    }
}

/// One thread's reader and tracker. Only its own thread touches them until all are done.
final class Worker<Observer: DivisibleObserver>: @unchecked Sendable {
    var reader: CaptureReader
    var tracker: Tracker<Observer>
    /// All its connections in the order of their first frames, when all frames are taken.
    private(set) var order: [FlowIndex] = []
    /// The first worker looks at the capture for all.
    fileprivate var watch: CaptureWatch
    private let isFirst: Bool

    init(_ options: CommonOptions, _ observer: Observer, _ shard: Shard) throws(CaptureError) {
        reader = try CaptureReader(options, nil)
        tracker = Tracker(
            observer: observer, profile: options.profile,
            maximumConnections: max(1, options.connectionLimit / shard.count), shard: shard)
        isFirst = shard.index == 0
        watch = CaptureWatch(isOn: isFirst, verifiesChecksums: options.verifyChecksums)
    }

    /// Takes all frames, and runs the timers to the end.
    func work() {
        tracker.takeAll(of: &reader, &watch, showsProgress: isFirst)
        order = tracker.settle()
    }
}
