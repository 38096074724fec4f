import Dispatch
import Synchronization

/// A value that another thread makes meanwhile.
final class Background<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let group = DispatchGroup()

    /// Begins to make it.
    init(_ make: @escaping @Sendable () -> Value) {
        DispatchQueue.global().async(group: group) {
            let value = make()
            self.made.withLock { $0 = value }
        }
    }

    /// The value, which is waited for.
    var value: Value {
        group.wait()
        guard let value = made.withLock({ $0 }) else { fatalError("nothing was made") }
        return value
    }
}
