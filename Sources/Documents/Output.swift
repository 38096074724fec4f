public import Analysis
public import Glibc
internal import POSIX
public import Reports

/// Standard output, or another open file, behind a buffer. It remembers the first write that fails; a broken pipe is no
/// failure, but nothing more is written then.
public final class Output: Sink {
    private var buffer: [UInt8] = []
    private var failure: SystemError?

    private let descriptor: Int32
    private let name: String

    private static let size = 1 << 16

    /// - Parameter name: what messages call it.
    public init(_ descriptor: Int32 = STDOUT_FILENO, name: String = "standard output") {
        self.descriptor = descriptor
        self.name = name
    }

    /// Takes text.
    public func write(_ text: String) {
        guard failure == nil else { return }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Output.size { flush() }
    }

    /// Writes all of a document.
    public func write<F: Format>(_ content: F.Content, as format: F) {
        var (format, sink) = (format, self)
        format.write(content, to: &sink)
    }

    /// Takes text in UTF-8.
    public func write(utf8 text: [UInt8]) {
        guard text.count < Output.size else {
            flush()
            return writeNow(text)
        }
        guard failure == nil else { return }
        buffer.append(contentsOf: text)
        if buffer.count >= Output.size { flush() }
    }

    /// Has text in UTF-8 appended to the buffer.
    public func write(utf8 append: (inout [UInt8]) -> Void) {
        guard failure == nil else { return }
        append(&buffer)
        if buffer.count >= Output.size { flush() }
    }

    /// Writes what is buffered.
    public func flush() {
        writeNow(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeNow(_ text: [UInt8]) {
        guard failure == nil else { return }
        do { try POSIX.write(all: text, to: descriptor) } catch { failure = error }
    }

    /// Whether the reader has gone away or the disk is full: nobody will see any more.
    public var isClosed: Bool { failure != nil }

    /// Writes the rest, and says so where that failed.
    public func finish() {
        flush()
        if let failure, hasFailed {
            complain(["\(name): \(failure.reason): results are incomplete"])
        }
    }

    /// Whether writing failed. A broken pipe is no failure.
    public var hasFailed: Bool { failure.map { $0 != .brokenPipe } ?? false }

    /// Writes the rest. Throws where that failed, which has been said then.
    public func end() throws(RunFailure) { try end([]) }

    /// Writes the rest, and what was wrong with the input to standard error; throws if anything was.
    public func end(_ problems: [String]) throws(RunFailure) {
        finish()
        complain(problems)
        if !problems.isEmpty || hasFailed { throw RunFailure() }
    }
}

extension InputResult {
    /// Writes the rest of an output, and what was wrong with the input to standard error; throws if anything was.
    public func end(_ output: Output) throws(RunFailure) {
        try output.end(problems.map { "\($0)" })
    }
}

/// Writes text to standard error; trouble is ignored.
public func writeToStandardError(_ text: String) {
    try? POSIX.write(all: Array(text.utf8), to: STDERR_FILENO)
}

/// Writes lines to standard error, each behind the command's name: one line each, whatever the names in it.
public func complain(_ lines: [String]) {
    for line in lines { writeToStandardError("wirestate: \(line.visible)\n") }
}
