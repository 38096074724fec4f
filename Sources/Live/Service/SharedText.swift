import Synchronization

/// A text that one thread sets and another reads.
final class SharedText: Sendable {
    private let value = Mutex<String?>(nil)

    /// The text that was set last.
    var text: String? { value.withLock { $0 } }

    /// Sets the text.
    func set(_ text: String?) { value.withLock { $0 = text } }
}
