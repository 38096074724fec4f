import Glibc

/// A progress bar on standard error, if that is a terminal: bytes, packets a second, time to go.
struct Progress {
    private let total: Int64?
    private let isOn: Bool
    private let start: Double
    private var last: Double
    private var isShown = false

    /// - Parameter total: bytes to read; nil where nobody knows.
    init(total: Int64?) {
        self.total = total
        isOn = isatty(STDERR_FILENO) == 1
        start = Progress.now
        last = start
    }

    /// Shows the bar anew, at most five times a second and not in the first half second.
    mutating func show(_ bytes: Int64, frames: UInt64) {
        guard isOn else { return }
        let now = Progress.now
        guard now - start > 0.5, now - last > 0.2 else { return }
        last = now
        isShown = true
        let rate = Double(frames) / (now - start)
        var line = "\(bytes >> 20) MiB"
        if let total, total > 0 {
            let share = min(1, Double(bytes) / Double(total))
            let filled = Int(share * 24)
            let bar =
                String(repeating: "█", count: filled)
                + String(repeating: "░", count: 24 - filled)
            let left = Int((now - start) * (1 - share) / max(share, 0.001))
            line = "\(bar) \(Int(share * 100))% of \(total >> 20) MiB"
            line += ", \(Int(rate / 1000))k packets/s, \(left) s to go"
        } else {
            line += ", \(Int(rate / 1000))k packets/s"
        }
        writeAll("\r\u{1b}[K\(line)", to: STDERR_FILENO)
    }

    /// Wipes the bar.
    func end() {
        if isShown { writeAll("\r\u{1b}[K", to: STDERR_FILENO) }
    }

    private static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
