public import Analysis
internal import Glibc
internal import Host
internal import Synchronization

/// A progress bar on standard error, if that is a terminal: bytes, packets a second, time to go.
public final class ProgressBar: Sendable {
    private struct State {
        var last: Double
        var isShown = false
    }

    private let isOn: Bool
    private let columns = Terminal.columns(of: STDERR_FILENO) ?? 80
    private let start: Double
    private let state: Mutex<State>

    /// Begins now.
    public init() {
        isOn = isatty(STDERR_FILENO) == 1
        start = ProgressBar.now
        state = Mutex(State(last: start))
    }

    /// Draws the bar again, at most five times a second and not in the first half second; clears it at the end.
    public func show(_ progress: ReadProgress) {
        guard isOn else { return }
        let now = ProgressBar.now
        state.withLock { state in
            if progress.isComplete {
                if state.isShown { writeToStandardError("\r\u{1b}[K") }
                return
            }
            guard now - start > 0.5, now - state.last > 0.2 else { return }
            state.last = now
            state.isShown = true
            writeToStandardError("\r\u{1b}[K\(ProgressBar.line(progress, now - start, columns))")
        }
    }

    /// What the bar shows after some seconds, on a terminal of some width.
    static func line(_ progress: ReadProgress, _ elapsed: Double, _ columns: Int) -> String {
        let rate = ", \(Int(Double(progress.frames) / elapsed / 1000))k packets/s"
        guard let total = progress.totalBytes, total > 0 else {
            return "\(progress.bytes >> 20) MiB" + rate
        }
        let share = min(1, Double(progress.bytes) / Double(total))
        let left = Int(elapsed * (1 - share) / max(share, 0.001))
        let text = " \(Int(share * 100))% of \(total >> 20) MiB\(rate), \(left) s to go"
        // The last column stays free: some terminals wrap there.
        let width = max(0, min(24, columns - text.count - 1))
        let filled = Int(share * Double(width))
        return String(repeating: "#", count: filled)
            + String(repeating: "-", count: width - filled) + text
    }

    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
