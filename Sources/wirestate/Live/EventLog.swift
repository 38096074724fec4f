import Glibc
import Reports

/// Lines for whoever reads them as they come: standard output, or a file that can be reopened.
///
/// What cannot be written now is kept and tried again, up to a limit; what is lost then is counted and
/// said. A reader that has gone away is told by ``hasReader``.
final class EventLog: Sink {
    private let path: String?
    /// Who is told of trouble with writing.
    var say: ([String]) -> Void = complain
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    /// `errno` of the last write, where it failed.
    private var failure: Int32?
    /// Bytes that had to be thrown away.
    private(set) var lostBytes = 0

    /// What is kept for better times, in bytes.
    private static let limit = 1 << 20

    /// - Parameter path: a file, to which lines are appended; nil for standard output.
    init(path: String?) throws(CommandFailure) {
        self.path = path
        descriptor = STDOUT_FILENO
        if let path { descriptor = try EventLog.open(path) }
    }

    /// Whether anybody reads: false once a pipe is broken.
    var hasReader: Bool { failure != EPIPE }

    /// Whether everything was written.
    var isWhole: Bool { lostBytes == 0 && (failure == nil || !hasReader) }

    func write(_ text: String) {
        guard hasReader else { return }
        if buffer.count >= EventLog.limit {
            flush()
            if buffer.count >= EventLog.limit {
                lostBytes += text.utf8.count
                return
            }
        }
        buffer.append(contentsOf: text.utf8)
    }

    /// Writes what is there.
    func flush() {
        guard !buffer.isEmpty, hasReader else { return }
        let before = failure
        var written = 0
        failure = nil
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                failure = errno
                break
            }
        }
        buffer.removeFirst(written)
        guard hasReader, failure != before else { return }
        if let failure {
            say(["\(name): \(systemText(failure)): lines wait until they can be written"])
        } else {
            say(["\(name): can be written again\(loss)"])
        }
    }

    /// Writes the rest, and says what was lost.
    func finish() {
        flush()
        if hasReader, !isWhole { complain(["\(name): results are incomplete\(loss)"]) }
    }

    /// Opens the file anew, after somebody has moved the old one away.
    func reopen() {
        guard let path else { return }
        flush()
        do {
            let new = try EventLog.open(path)
            close(descriptor)
            descriptor = new
            failure = nil
        } catch {
            say(error.lines + ["\(path): the old file is still written to"])
        }
    }

    private var name: String { path ?? "standard output" }

    private var loss: String { lostBytes > 0 ? ", \(lostBytes) bytes were lost" : "" }

    private static func open(_ path: String) throws(CommandFailure) -> Int32 {
        let new = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard new >= 0 else {
            throw CommandFailure(lines: [
                "\(path): \(systemText(errno)): choose a place that can be written"
            ])
        }
        return new
    }
}
