import Capture
import Glibc
import Host

/// Waits for files to grow, until SIGINT or SIGTERM.
final class FileFollower {
    /// Whether one of them has come.
    private(set) var isInterrupted = false
    private let signals: SignalQueue?
    private let beforeWaiting: () -> Void

    /// - Parameter beforeWaiting: is called whenever there is nothing more to read for now.
    init(beforeWaiting: @escaping () -> Void) {
        self.beforeWaiting = beforeWaiting
        // Without it, the signals end the process as usual.
        signals = try? SignalQueue([SIGINT, SIGTERM])
    }

    /// Looks whether a signal has come.
    func look() {
        while signals?.next() != nil { isInterrupted = true }
    }

    /// Whether to go on waiting: see `CaptureReader.Follow`.
    func goesOn() -> Bool {
        beforeWaiting()
        look()
        return !isInterrupted
    }
}
