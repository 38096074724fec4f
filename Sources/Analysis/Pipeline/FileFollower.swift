import Capture
import Glibc
import Host

/// Waits for files to grow, until SIGINT or SIGTERM, and for pipes.
final class FileFollower {
    /// Whether one of them has come.
    private(set) var isInterrupted = false
    private let signals: SignalQueue?
    private let beforeWaiting: () -> Void
    private let includesFiles: Bool

    /// - Parameters:
    ///   - includesFiles: whether files are waited for, too: they end with a signal. What ends a pipe is its
    ///     writer, and signals end the process as usual.
    ///   - beforeWaiting: is called whenever there is nothing more to read for now.
    init(includesFiles: Bool, beforeWaiting: @escaping () -> Void) {
        self.beforeWaiting = beforeWaiting
        self.includesFiles = includesFiles
        signals = includesFiles ? try? SignalQueue([SIGINT, SIGTERM]) : nil
    }

    /// For the reader that waits.
    var follow: CaptureReader.Follow {
        CaptureReader.Follow(includesFiles: includesFiles) { self.goesOn() }
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
