import Capture
import Dispatch
import Synchronization
import TCPState
import Tracking

/// Several workers over the same files, each of which tracks its part of the connections.
struct ShardedAnalysis<Observer: DivisibleObserver> {
    private let ring: BatchRing
    private let shards: [Shard<Observer>]
    private let observer: Observer

    init(
        _ options: AnalysisOptions, _ observer: Observer, _ reader: consuming CaptureReader,
        shards count: Int
    ) {
        let ring = BatchRing(options, reader, shards: count, areEven: false)
        shards = (0..<count).map { Shard(options, observer.split(), ring, $0, of: count) }
        self.ring = ring
        self.observer = observer
    }

    /// Reads the files to their end.
    func work() { shards.work() }

    /// Calls `body` with what became of every frame and connection, and with the reader and what was seen of
    /// the capture itself.
    func inspect<Result>(
        _ body: (FrameCounts, CaptureQualityProbe, borrowing CaptureReader) -> Result
    ) -> Result {
        ring.inspect(shards, body)
    }

    /// Joins what the workers' observers were told and lets all connections depart, in the order of
    /// their first frames.
    consuming func finish(
        _ atEnd: (inout Observer, CaptureEnd) -> Void
    ) -> Observer {
        defer { releaseInBackground(shards) }
        var observer = observer
        let numbers = RunNumbering(shards.map { $0.tracker.connectionStarts })
        for (shard, own) in zip(shards, numbers.byShard) {
            observer.merge(shard.tracker.observer, own)
        }
        let end = inspect { CaptureEnd($0, $1, $2) }
        atEnd(&observer, end)
        let remaining = zip(shards, numbers.byShard).map { shard, own in
            Remaining(shard, own, shard.order)
        }
        if let merged = closeInParallel(remaining, from: observer, { atEnd(&$0, end) }) {
            return merged
        }
        closeInOrder(remaining, from: &observer)
        return observer
    }

    private func closeInOrder(_ remaining: [Remaining], from observer: inout Observer) {
        var remaining = remaining
        while let first = remaining.indices.min(by: { remaining[$0].next < remaining[$1].next }),
            remaining[first].closeNext(to: &observer)
        {}
    }

    /// Closes each shard's connections on a thread of their own; nil where order matters.
    private func closeInParallel(
        _ remaining: [Remaining], from observer: Observer, _ atEnd: (inout Observer) -> Void
    ) -> Observer? {
        guard let merge = Observer.unorderedMerge, observer.isOrderIndependent else { return nil }
        // The first of them goes on with what there is.
        var observers = [observer]
        while observers.count < remaining.count {
            var next = observer.split()
            atEnd(&next)
            observers.append(next)
        }
        let closing = zip(remaining, observers).map { ClosingShard(remaining: $0, observer: $1) }
        DispatchQueue.concurrentPerform(iterations: closing.count) { closing[$0].work() }
        guard closing.allSatisfy(\.observer.isOrderIndependent) else { return nil }
        defer { releaseInBackground(closing) }
        var merged = closing[0].observer
        for shard in closing.dropFirst() { merge(&merged, shard.observer) }
        return merged.isOrderIndependent ? merged : nil
    }

    /// What one thread closes. Only that thread uses it until all are done.
    private final class ClosingShard: @unchecked Sendable {
        private var remaining: Remaining
        private(set) var observer: Observer

        init(remaining: Remaining, observer: Observer) {
            self.remaining = remaining
            self.observer = observer
        }

        func work() {
            // Avoids exclusivity checks on a class property.
            var observer = observer
            while observer.isOrderIndependent, remaining.closeNext(to: &observer) {}
            self.observer = observer
        }
    }

    /// A shard's connections that are not closed yet.
    private struct Remaining {
        let shard: Shard<Observer>
        let numbers: RunNumbering.ShardNumbers
        var order: ArraySlice<FlowIndex>
        private var record = ConnectionRecord.blank

        init(_ shard: Shard<Observer>, _ numbers: RunNumbering.ShardNumbers, _ order: [FlowIndex]) {
            self.shard = shard
            self.numbers = numbers
            self.order = order[...]
        }

        /// The number in the run of the next one; beyond all others if there is none.
        var next: UInt64 {
            order.first.map { UInt64(numbers.serial(shard.tracker.serial($0))) } ?? .max
        }

        /// Lets the next one depart; returns whether there was one.
        mutating func closeNext(to observer: inout Observer) -> Bool {
            guard let index = order.popFirst() else { return false }
            shard.tracker.prefetch(order)
            shard.tracker.write(index, to: &record)
            record.renumber(numbers)
            observer.connectionClosed(record, .captureEnd)
            return true
        }
    }
}

extension BatchRing {
    /// Once all is read: see ``ShardedAnalysis/inspect(_:)``.
    func inspect<Observer: TrackingObserver, Result>(
        _ shards: [Shard<Observer>],
        _ body: (FrameCounts, CaptureQualityProbe, borrowing CaptureReader) -> Result
    ) -> Result {
        var counts = counts
        for shard in shards { counts.add(shard.tracker.counts) }
        counts.framesBackInTime &+= producer.reader.framesSorted
        return body(counts, producer.watch, producer.reader)
    }
}

extension Array {
    /// Has all shards read to the end.
    ///
    /// - Parameters:
    ///   - afterBatch: is shown a shard's tracker after each batch, on its thread.
    ///   - whileWaiting: does a piece of other work while a thread has no batch; returns whether there was any.
    func work<Observer: TrackingObserver & SendableMetatype>(
        _ afterBatch: @escaping @Sendable (Int, inout Tracker<Observer>) -> Void = { _, _ in },
        whileWaiting: @escaping @Sendable () -> Bool = { false }
    ) where Element == Shard<Observer> {
        // Each on a thread of its own: they wait for each other, however few the processors are.
        let group = DispatchGroup()
        for (index, shard) in enumerated() {
            DispatchQueue(label: "shard").async(group: group) {
                shard.work({ afterBatch(index, &$0) }, whileWaiting: whileWaiting)
            }
        }
        group.wait()
    }
}

/// One thread's tracker. Only its own thread touches it until all are done.
final class Shard<Observer: TrackingObserver>: @unchecked Sendable {
    var tracker: Tracker<Observer>
    /// All its connections in the order of their first frames, when all frames are taken.
    private(set) var order: [FlowIndex] = []
    private let ring: BatchRing
    private let index: Int

    init(
        _ options: AnalysisOptions, _ observer: Observer, _ ring: BatchRing, _ index: Int,
        of count: Int
    ) {
        tracker = Tracker(
            observer: observer, profile: options.profile,
            maximumConnections: max(1, options.connectionLimit / count),
            sortedBy: ring.seed)
        self.ring = ring
        self.index = index
    }

    /// Takes all frames, and runs the timers to the end.
    ///
    /// - Parameters: as in `work` of all shards.
    func work(
        _ afterBatch: (inout Tracker<Observer>) -> Void, whileWaiting: () -> Bool
    ) {
        var number = 0
        while let slot = ring.next(number, of: index, whileWaiting: whileWaiting) {
            tracker.receive(
                slot.batch.byShard, of: index, framesBefore: slot.batch.framesBefore)
            slot.pending.subtract(1, ordering: .releasing)
            number += 1
            afterBatch(&tracker)
        }
        tracker.includeFrames(ring.counts)
        order = tracker.runTimersToEnd()
    }
}
