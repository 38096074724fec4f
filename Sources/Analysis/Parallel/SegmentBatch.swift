import Synchronization
import Tracking

/// The segments of frames that were dealt out together, to each worker its own.
///
/// The dealer writes it, then workers read it, until all of them are done with it.
final class SegmentBatch: @unchecked Sendable {
    /// The segments by worker. Their places are counted from the deal's first frame, from 0.
    var byShard: ShardedSegments
    /// How many frames came before it in the run.
    var framesBefore: UInt64 = 0
    /// Whether it is the last one, which has no frames.
    var isEnd = false
    /// Workers that are not done with it.
    let pending = Atomic(0)

    init(shards: Int) { byShard = ShardedSegments(count: shards) }
}
