import Dispatch
import Synchronization

/// A value that another thread makes meanwhile.
public final class Background<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let group = DispatchGroup()

    /// Begins to make it.
    public init(_ make: @escaping @Sendable () -> Value) {
        DispatchQueue.global().async(group: group) {
            let value = make()
            self.made.withLock { $0 = value }
        }
    }

    /// The value, which is waited for.
    public var value: Value {
        group.wait()
        // It is there once the group is empty.
        return made.withLock { $0! }
    }
}

/// Gives the memory of many connections back on another thread, which takes a while.
func releaseInBackground(_ objects: [some AnyObject & Sendable]) {
    DispatchQueue.global().async { withExtendedLifetime(objects) {} }
}
