public import Reports
internal import Synchronization

/// Where the loop of a live run leaves its latest snapshot, and other threads find it; and where they leave word of the
/// connections whose ladders they want.
public final class SnapshotExchange: Sendable {
    private struct Ladders {
        /// In the order in which they were asked for.
        var wanted: [UInt32] = []
        /// Those that are drawn; nil of a connection that is forgotten.
        var drawn: [UInt32: Ladder?] = [:]
    }

    private let latest = Mutex(LiveSnapshot())
    private let count = Atomic<UInt64>(0)
    private let ladders = Mutex(Ladders())

    /// Ladders that are asked for in one round at the most.
    private static let limit = 8

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

    /// A connection's ladder, as of the round after it was asked for first: nil until then, and nothing of a connection
    /// that is forgotten.
    public func ladder(of serial: UInt32) -> Ladder?? {
        ladders.withLock { ladders in
            if let drawn = ladders.drawn.removeValue(forKey: serial) { return drawn }
            if !ladders.wanted.contains(serial), ladders.wanted.count < SnapshotExchange.limit {
                ladders.wanted.append(serial)
            }
            return nil
        }
    }

    /// Draws what was asked for since the last call.
    public func drawLadders(_ draw: (UInt32) -> Ladder?) {
        let wanted = ladders.withLock { ladders in
            defer { ladders.wanted = [] }
            return ladders.wanted
        }
        if wanted.isEmpty { return }
        let drawn = wanted.map { ($0, draw($0)) }
        ladders.withLock { ladders in
            // What nobody has come for makes room.
            if ladders.drawn.count > 4 * SnapshotExchange.limit { ladders.drawn = [:] }
            for (serial, ladder) in drawn { ladders.drawn[serial] = .some(ladder) }
        }
    }
}
