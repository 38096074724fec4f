import Analysis
import Glibc
import Synchronization

/// A progress bar on standard error, if that is a terminal: bytes, packets a second, time to go.
final class ProgressBar: Sendable {
    private struct State {
        var last: Double
        var isShown = false
    }

    private let isOn: Bool
    private let start: Double
    private let state: Mutex<State>

    init() {
        isOn = isatty(STDERR_FILENO) == 1
        start = ProgressBar.now
        state = Mutex(State(last: start))
    }

    /// Draws the bar again, at most five times a second and not in the first half second; clears it at the end.
    func show(_ progress: ReadProgress) {
        guard isOn else { return }
        let now = ProgressBar.now
        state.withLock { state in
            if progress.isComplete {
                if state.isShown { writeAll("\r\u{1b}[K", to: STDERR_FILENO) }
                return
            }
            guard now - start > 0.5, now - state.last > 0.2 else { return }
            state.last = now
            state.isShown = true
            writeAll("\r\u{1b}[K\(line(progress, now - start))", to: STDERR_FILENO)
        }
    }

    private func line(_ progress: ReadProgress, _ elapsed: Double) -> String {
        let rate = ", \(Int(Double(progress.frames) / elapsed / 1000))k packets/s"
        guard let total = progress.totalBytes, total > 0 else {
            return "\(progress.bytes >> 20) MiB" + rate
        }
        let share = min(1, Double(progress.bytes) / Double(total))
        let filled = Int(share * 24)
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        let left = Int(elapsed * (1 - share) / max(share, 0.001))
        return "\(bar) \(Int(share * 100))% of \(total >> 20) MiB\(rate), \(left) s to go"
    }

    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
