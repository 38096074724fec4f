import Host
import POSIX
import Wire

/// A file of metrics, whole at any moment, which another thread writes.
final class MetricsFile {
    private let path: String
    private let queue = BackgroundQueue("metrics", limit: 1)
    private let lastFailure = SharedText()
    private var next = Timestamp(nanoseconds: .min)

    /// The time between two writes: scrapes of node_exporter come every 15 s or less often.
    private static let pause = TimeSpan.seconds(15)

    init(path: String) { self.path = path }

    /// Writes if it is time.
    func write(_ now: Timestamp, _ text: @escaping @Sendable () -> String) {
        guard now >= next, queue.isIdle else { return }
        next = now + MetricsFile.pause
        let (path, lastFailure) = (path, lastFailure)
        queue.add(cost: 1) {
            lastFailure.set(MetricsFile.replace(path, Array(text().utf8)))
        }
    }

    /// What went wrong when it was written last.
    var failure: String? {
        lastFailure.text.map { "\(path): \($0): the metrics in it are outdated" }
    }

    private static func replace(_ path: String, _ bytes: [UInt8]) -> String? {
        do {
            let file = try OutputFile(path, .replace, mode: 0o644, acceptsStreams: false)
            try file.write(bytes)
            try file.commit()
        } catch let error as OutputError {
            return error.reason
        } catch {
            return (error as? SystemError)?.reason ?? "\(error)"
        }
        return nil
    }
}
