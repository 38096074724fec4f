import Synchronization
import Tracking

/// The segments of a batch of frames, by shard.
///
/// The producer writes it, then the shards read it, until all of them are done with it.
final class SegmentBatch: @unchecked Sendable {
    /// The segments by shard. Their places are counted from the batch's first frame, from 0.
    var byShard: ShardedSegments
    /// How many frames came before it in the run.
    var framesBefore: UInt64 = 0
    /// Whether it is the last one, which has no frames.
    var isEnd = false
    /// Shards that are not done with it.
    let pending = Atomic(0)

    init(shards: Int) { byShard = ShardedSegments(count: shards) }
}
