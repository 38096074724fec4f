internal import Glibc
public import POSIX

/// Reads lines from a descriptor, none longer than a limit: what is longer comes as "".
public struct LineReader: ~Copyable {
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// Reads what is open, and stays so.
    ///
    /// - Parameter limit: the most bytes of a line.
    public init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
        ownsDescriptor = false
    }

    /// Reads a file; `-` is standard input.
    ///
    /// - Parameter limit: the most bytes of a line.
    public init(path: String, limit: Int) throws(SystemError) {
        descriptor = path == "-" ? STDIN_FILENO : try openForReading(path)
        self.limit = limit
        ownsDescriptor = path != "-"
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// The next line without its end; nil after the last, or where reading fails.
    public mutating func next() -> String? {
        var isTooLong = false
        while true {
            if let end = buffer[start...].firstIndex(of: 0x0a) {
                let line = buffer[start..<end]
                start = end + 1
                return isTooLong || line.count > limit ? "" : String(decoding: line, as: UTF8.self)
            }
            if buffer.count - start > limit {
                isTooLong = true
                start = buffer.count
            }
            guard !isAtEnd, fill() else {
                isAtEnd = true
                let line = buffer[start...]
                start = buffer.count
                if isTooLong { return "" }
                return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
            }
        }
    }

    private mutating func fill() -> Bool {
        buffer.removeFirst(start)
        start = 0
        guard let chunk = try? POSIX.read(from: descriptor, atMost: 1 << 16), !chunk.isEmpty else {
            return false
        }
        buffer += chunk
        return true
    }
}
