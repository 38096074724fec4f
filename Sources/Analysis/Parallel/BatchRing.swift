import Capture
import Glibc
import Synchronization

/// Where workers sit: whoever has nothing to do deals the next frames out, to all of them.
///
/// So a file is read once, and by all threads in turn; and nobody waits while there is anything to do, unless
/// the others are far behind. They look again and again rather than sleep: a turn takes less time than to
/// wake somebody, and the kernel likes to wake a thread where the one that woke it runs.
final class BatchRing: @unchecked Sendable {
    /// Touched by whoever deals, and by anybody when all is over.
    private(set) var producer: BatchProducer
    /// Whoever waits looks at what follows, whoever deals writes what is before it: not in one cache line.
    private let gap = InlineArray<16, UInt64>(repeating: 0)
    private let batches: [SegmentBatch]
    /// How many deals were dealt out so far.
    private let produced = Atomic(0)
    private let isProducing = Atomic(false)

    /// How many deals may be under way: enough for a worker to go on while another one is behind.
    private static let batchCount = 16
    /// So many shall be ready for a worker before it takes one: then nobody has to wait for the next.
    private static let reserve = 4

    init(_ options: AnalysisOptions, shards: Int) throws(CaptureError) {
        producer = try BatchProducer(options, shards: shards)
        batches = (0..<BatchRing.batchCount).map { _ in SegmentBatch(shards: shards) }
    }

    /// The next deal for a worker, the `number`th from 0; nil after the last one.
    func take(_ number: Int) -> SegmentBatch? {
        var backoff = Backoff()
        if produced.load(ordering: .relaxed) - number <= BatchRing.reserve { _ = tryToProduce() }
        while produced.load(ordering: .acquiring) <= number {
            if !tryToProduce() { backoff.wait() }
        }
        let batch = batches[number % batches.count]
        return batch.isEnd ? nil : batch
    }

    /// Deals once, unless somebody else does, or every deal is still under way.
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

/// Of one who waits for another thread: at first it looks often.
private struct Backoff {
    private var looks = 0

    mutating func wait() {
        looks += 1
        if looks < 500 { sched_yield() } else { usleep(50) }
    }
}
