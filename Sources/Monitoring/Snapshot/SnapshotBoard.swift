internal import Synchronization

/// Where the loop of a live run leaves its latest snapshot, and other threads find it.
public final class SnapshotBoard: Sendable {
    private let latest = Mutex(LiveSnapshot())
    private let count = Atomic<UInt64>(0)

    /// Holds an empty snapshot.
    public init() {}

    /// Takes the place of the snapshot before.
    public func publish(_ snapshot: LiveSnapshot) {
        // What is replaced is freed after the lock is given back.
        let old = latest.withLock { held in
            let old = held
            held = snapshot
            return old
        }
        _ = consume old
        count.add(1, ordering: .relaxed)
    }

    /// The latest one.
    public var snapshot: LiveSnapshot { latest.withLock { $0 } }

    /// How many were published. A reader that sees a number finds that snapshot or a later one: both are behind a lock.
    public var revision: UInt64 { count.load(ordering: .relaxed) }
}
