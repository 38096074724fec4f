internal import Dispatch
internal import Synchronization
public import Wire

/// Work that may block for as long as it likes, such as a write into a pipe that nobody reads: done in
/// order on a thread of its own, and bounded.
///
/// Nothing here waits but ``finish(within:)``. Work that never ends keeps no process from exiting.
public final class BackgroundQueue: Sendable {
    private let queue: DispatchQueue
    private let group = DispatchGroup()
    private let limit: Int
    private let pending = Atomic<Int>(0)

    /// - Parameters:
    ///   - limit: the most that may wait, in bytes or whatever the costs count.
    public init(_ label: String, limit: Int) {
        queue = DispatchQueue(label: label)
        self.limit = limit
    }

    /// Whether nothing is waiting or being done.
    public var isIdle: Bool { pending.load(ordering: .acquiring) == 0 }

    /// Adds work. Does nothing and returns false where it does not fit beside what waits; alone it always fits.
    @discardableResult
    public func add(cost: Int, _ work: @escaping @Sendable () -> Void) -> Bool {
        // Only the thread that adds makes it larger: between the test and the sum it can only shrink.
        let before = pending.load(ordering: .relaxed)
        guard before == 0 || before + cost <= limit else { return false }
        // One more than it costs, so that free work is seen by ``isIdle``, too.
        pending.add(cost + 1, ordering: .relaxed)
        queue.async(group: group) { [self] in
            work()
            pending.subtract(cost + 1, ordering: .releasing)
        }
        return true
    }

    /// Waits until all work is done. Returns false where it was not in that time.
    public func finish(within span: TimeSpan) -> Bool {
        group.wait(timeout: .now() + .nanoseconds(Int(max(0, span.nanoseconds)))) == .success
    }
}
