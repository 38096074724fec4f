import Capture
import Glibc
import Synchronization
import Tracking

/// A ring of batches that all shards share: an idle shard produces the next batch for all of them.
///
/// A batch goes through four stages. Each thread reads pieces of a plain file, one thread at a time walks over the records of
/// its piece, in order, then decodes them while another one walks on, and each shard tracks its segments, batch by batch in
/// order. A pipe, a packed file and several files are read by the thread that walks.
///
/// A shard waits only while the others are far behind, and spins rather than sleeps: producing a batch takes less time than
/// waking a thread, and the kernel tends to wake a thread on the core of the one that woke it.
final class BatchRing: @unchecked Sendable {
    /// Used by the shard that produces, and by any thread once all is read.
    private(set) var producer: BatchProducer
    /// Avoids false sharing: waiting shards read what follows, the producer writes what precedes.
    private let gap = InlineArray<16, UInt64>(repeating: 0)
    private let threads: [Thread]
    /// By number, modulo their count, the batches that are decoded.
    private let batches: [DecodedBatch]
    /// The secret that the shards' trackers share.
    let seed = UInt64.random(in: .min ... .max)
    /// Batches read so far.
    private let produced = Atomic(0)
    private let isProducing = Atomic(false)

    /// Batches that there are at once: enough for a shard to go on while another one is behind.
    private static let slotCount = 16
    /// Batches that should be read before a shard takes one, so that none waits for the next.
    private static let reserve = 4

    /// Frames of batches that are all of one size: enough to outweigh the synchronisation, few enough for the segments of
    /// several batches to stay in a core's own cache.
    private static let evenSize = 512

    /// - Parameter areEven: whether each batch but the last has as many frames as any other, which shows in what is made of
    ///   them; else it has what was read at once.
    init(
        _ options: AnalysisOptions, _ reader: consuming CaptureReader, shards: Int, areEven: Bool
    ) {
        producer = BatchProducer(options, reader, readsAhead: !areEven, threads: shards)
        let seed = seed
        let size = areEven ? BatchRing.evenSize : 2 * BatchRing.evenSize
        let count = max(4, BatchRing.slotCount / shards)
        threads = (0..<shards).map { _ in
            let slots = (0..<count).map { _ in BatchSlot(shards: shards, seed: seed, size: size) }
            return Thread(slots: slots)
        }
        // As many as there are slots: none is needed again before its batch is done with.
        batches = (0..<count * shards).map { _ in DecodedBatch() }
    }

    /// The next batch for a shard, the `number`th from 0; nil after the last one.
    ///
    /// - Parameters:
    ///   - shard: whose thread this is.
    ///   - whileWaiting: does a piece of other work while other shards are behind; returns whether there was any.
    func next(_ number: Int, of shard: Int, whileWaiting: () -> Bool) -> BatchSlot? {
        var backoff = Backoff()
        if produced.load(ordering: .relaxed) - number <= BatchRing.reserve {
            _ = tryToProduce(shard)
        }
        let batch = batches[number % batches.count]
        while batch.number.load(ordering: .acquiring) != number {
            if !tryToProduce(shard), !whileWaiting() { backoff.wait() }
        }
        return batch.slot.flatMap { $0.batch.isEnd ? nil : $0 }
    }

    /// What became of every frame, once all are decoded; of connections it knows nothing.
    var counts: FrameCounts {
        var counts = producer.clock.counts
        for slot in threads.flatMap(\.slots) { counts.addContents(of: slot.batch.steering.counts) }
        return counts
    }

    /// Produces one batch, unless another thread is reading, or has to be the next, or all slots of this one are in use.
    private func tryToProduce(_ shard: Int) -> Bool {
        let thread = threads[shard]
        // Batches are done with in the order in which they were filled.
        let slot = thread.slots[thread.filled % thread.slots.count]
        guard slot.pending.load(ordering: .acquiring) == 0 else { return false }
        thread.piece.read()
        guard let number = walk(slot, &thread.piece) else { return false }
        thread.filled += 1
        slot.batch.decode()
        let batch = batches[number % batches.count]
        batch.slot = slot
        batch.number.store(number, ordering: .releasing)
        return true
    }

    /// Walks over the frames of a batch; returns its number.
    private func walk(_ slot: BatchSlot, _ piece: inout FilePiece) -> Int? {
        guard !isProducing.load(ordering: .relaxed),
            !isProducing.exchange(true, ordering: .acquiring)
        else { return nil }
        defer { isProducing.store(false, ordering: .releasing) }
        guard producer.produce(&slot.batch, &piece) else { return nil }
        slot.pending.store(threads.count, ordering: .relaxed)
        return produced.add(1, ordering: .relaxed).oldValue
    }

    /// What a thread fills batches with: the memory stays in its core's own cache.
    private final class Thread: @unchecked Sendable {
        let slots: [BatchSlot]
        /// How many it has filled so far.
        var filled = 0
        /// What it has read before its turn.
        var piece = FilePiece()

        init(slots: [BatchSlot]) { self.slots = slots }
    }

    /// A batch that is ready for all shards.
    private final class DecodedBatch: @unchecked Sendable {
        let number = Atomic(-1)
        /// Where it is: written before its number, and read after it.
        var slot: BatchSlot?
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
