import Synchronization

/// A place for a batch in a ``BatchRing``: its thread fills and decodes it, and all shards read it, until all of them are done
/// with it.
final class BatchSlot: @unchecked Sendable {
    var batch: FrameBatch
    /// Shards that are not done with it.
    let pending = Atomic(0)

    init(shards: Int, seed: UInt64, size: Int) {
        batch = FrameBatch(shards: shards, seed: seed, size: size)
    }
}
