import Glibc
import POSIX
import Reports

/// Standard output, or another open file, behind a buffer. It remembers the first write that fails; a broken pipe is no
/// failure, but nothing more is written then.
final class Output: Sink {
    private var buffer: [UInt8] = []
    /// `errno` of the write that failed.
    private(set) var failure: Int32?

    private let descriptor: Int32
    private let name: String

    private static let size = 1 << 16

    /// - Parameter name: what messages call it.
    init(_ descriptor: Int32 = STDOUT_FILENO, name: String = "standard output") {
        self.descriptor = descriptor
        self.name = name
    }

    /// Takes text.
    func write(_ text: String) {
        guard failure == nil else { return }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Output.size { flush() }
    }

    /// Writes all of a document.
    func write<F: Format>(_ content: F.Content, as format: F) {
        var (format, sink) = (format, self)
        format.write(content, to: &sink)
    }

    /// Takes text in UTF-8.
    func write(utf8 text: [UInt8]) {
        guard failure == nil else { return }
        buffer.append(contentsOf: text)
        if buffer.count >= Output.size { flush() }
    }

    /// Writes what is buffered.
    func flush() {
        if failure == nil { failure = writeAll(buffer, to: descriptor) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Whether the reader has gone away or the disk is full: nobody will see any more.
    var isClosed: Bool { failure != nil }

    /// Writes the rest, and says so where that failed.
    func finish() {
        flush()
        guard let failure, failure != EPIPE else { return }
        complain(["\(name): \(systemText(failure)): results are incomplete"])
    }

    /// 0, or 3 where writing failed. A broken pipe is no failure.
    var exitCode: Int32 {
        guard let failure, failure != EPIPE else { return 0 }
        return 3
    }
}

/// Writes text to a descriptor; trouble is ignored.
func writeAll(_ text: String, to descriptor: Int32) {
    _ = writeAll(Array(text.utf8), to: descriptor)
}

/// Writes bytes to a descriptor. Returns `errno` where that failed.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    do { try POSIX.write(all: bytes, to: descriptor) } catch { return error.code }
    return nil
}

/// The system's text for an error number.
func systemText(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
