import Capture
import Glibc
import Synchronization

/// A ring of batches that all shards share: an idle shard produces the next batch for all of them.
///
/// A file is thus read once, by all threads in turn. A shard waits only while the others are far behind, and
/// spins rather than sleeps: producing a batch takes less time than waking a thread, and the kernel tends to
/// wake a thread on the core of the one that woke it.
final class BatchRing: @unchecked Sendable {
    /// Used by the shard that produces, and by any thread once all is read.
    private(set) var producer: BatchProducer
    /// Avoids false sharing: waiting shards read what follows, the producer writes what precedes.
    private let gap = InlineArray<16, UInt64>(repeating: 0)
    private let batches: [SegmentBatch]
    /// Batches produced so far.
    private let produced = Atomic(0)
    private let isProducing = Atomic(false)

    /// Batches in the ring: enough for a shard to go on while another one is behind.
    private static let batchCount = 16
    /// Batches that should be ready before a shard takes one, so that none waits for the next.
    private static let reserve = 4

    init(_ options: AnalysisOptions, _ reader: consuming CaptureReader, shards: Int) {
        producer = BatchProducer(options, reader, shards: shards)
        batches = (0..<BatchRing.batchCount).map { _ in SegmentBatch(shards: shards) }
    }

    /// The next batch for a shard, the `number`th from 0; nil after the last one.
    ///
    /// - Parameter whileWaiting: does a piece of other work while other shards are behind; returns whether there was any.
    func batch(_ number: Int, whileWaiting: () -> Bool) -> SegmentBatch? {
        var backoff = Backoff()
        if produced.load(ordering: .relaxed) - number <= BatchRing.reserve { _ = tryToProduce() }
        while produced.load(ordering: .acquiring) <= number {
            if !tryToProduce(), !whileWaiting() { backoff.wait() }
        }
        let batch = batches[number % batches.count]
        return batch.isEnd ? nil : batch
    }

    /// Produces one batch, unless another shard is producing or the ring is full.
    private func tryToProduce() -> Bool {
        guard !isProducing.load(ordering: .relaxed),
            !isProducing.exchange(true, ordering: .acquiring)
        else { return false }
        defer { isProducing.store(false, ordering: .releasing) }
        let count = produced.load(ordering: .relaxed)
        let batch = batches[count % batches.count]
        guard batch.pending.load(ordering: .acquiring) == 0, producer.produce(batch) else {
            return false
        }
        produced.store(count + 1, ordering: .releasing)
        return true
    }
}

/// Of one who waits for another thread: at first it looks often, later, while all wait for a pipe, seldom.
struct Backoff {
    private var looks = 0

    mutating func wait() {
        looks += 1
        if looks < 500 { sched_yield() } else { usleep(looks < 2000 ? 50 : 1000) }
    }
}
