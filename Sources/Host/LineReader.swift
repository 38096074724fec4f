internal import Glibc

/// Reads lines from a descriptor, none longer than a limit: what is longer comes as "".
public struct LineReader {
    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Parameter limit: the most bytes of a line.
    public init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

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
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe chunk.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }
}
