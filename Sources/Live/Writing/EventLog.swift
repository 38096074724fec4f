import Diagnosis
import Glibc
import Host
import POSIX
import Reports
import Wire

/// Lines for readers that take them as they come: standard output or standard error, or a file that can be
/// opened anew. They are written by a ``LineWriter``: nothing here waits but ``finish(within:)``.
final class EventLog: Sink {
    private let path: String?
    private let name: String
    private let writer: LineWriter
    private var buffer: [UInt8] = []
    private var bufferedLines: UInt64 = 0
    /// What is known of the writer's status, and has been said.
    private var known = LineWriter.Status()
    /// Lines lost that the log itself has not been told of.
    private var untoldLoss: UInt64 = 0
    private var isStalled = false
    /// Who is told of trouble with writing.
    var say: ([String]) -> Void = { _ in }

    /// The most that is gathered before it is handed over, in bytes.
    private static let chunk = 1 << 16

    /// Lines for a descriptor that stays open.
    init(_ descriptor: Int32, name: String) {
        path = nil
        self.name = name
        writer = LineWriter(descriptor: descriptor)
    }

    /// Lines for a file that has been opened.
    init(_ file: HeldFile, path: String) {
        self.path = path
        name = path
        writer = LineWriter(file)
    }

    /// Whether anybody reads: false once a pipe is broken.
    var hasReader: Bool { known.hasReader }

    /// Whether everything was written so far.
    var isWhole: Bool { known.lostLines == 0 && known.failure == nil || !hasReader }

    func write(_ text: String) {
        guard hasReader else { return }
        buffer.append(contentsOf: text.utf8)
        guard text.utf8.last == 0x0a else { return }
        bufferedLines += UInt64(text.utf8.count { $0 == 0x0a })
        if buffer.count >= EventLog.chunk { submit() }
    }

    /// Hands over what is there, and says what has become of what was handed over before.
    func flush() {
        submit()
        look()
    }

    /// Lines lost before the place where the log now goes on; nil while it does not, or none was.
    func takeLoss() -> UInt64? {
        guard untoldLoss > 0, !isStalled, known.failure == nil else { return nil }
        defer { untoldLoss = 0 }
        return untoldLoss
    }

    /// Writes the rest, for that long at most, and says what was lost.
    func finish(within span: TimeSpan) {
        submit()
        if bufferedLines > 0 { writer.noteLost(bufferedLines) }
        writer.finish(within: span)
        look()
        guard hasReader, !isWhole else { return }
        say(["\(name): results are incomplete: \(Count(known.lostLines).of("line")) lost"])
    }

    /// Opens the file anew, after the old one was moved away.
    func reopen() {
        guard let path else { return }
        submit()
        do { writer.continue(with: try HeldFile(path)) } catch {
            say(["\(path): \(error.reason)", "\(path): still writing to the old file"])
        }
    }

    private func submit() {
        guard bufferedLines > 0, hasReader else { return }
        if writer.add(buffer, lines: bufferedLines) {
            isStalled = false
        } else if buffer.count >= EventLog.chunk {
            writer.noteLost(bufferedLines)
            if !isStalled {
                isStalled = true
                say(["\(name): the reader is too slow: lines are lost"])
            }
        } else {
            return
        }
        buffer.removeAll(keepingCapacity: true)
        bufferedLines = 0
    }

    private func look() {
        let status = writer.status
        guard status != known else { return }
        let before = known
        known = status
        untoldLoss += status.lostLines - before.lostLines
        guard hasReader, status.failure != before.failure else { return }
        if let failure = status.failure {
            say([
                "\(name): \(SystemError(code: failure).reason): lines are kept until writing works again"
            ])
        } else {
            say(["\(name): writing works again"])
        }
    }
}
