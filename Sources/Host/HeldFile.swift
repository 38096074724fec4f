internal import Glibc
public import POSIX

/// A file that results are written to for as long as the process lives: a second hold of what ``OutputFile``
/// opened, which another thread may have. New ones are for their owner and its group only: packets and addresses are
/// not everyone's.
public struct HeldFile: Sendable {
    /// What writing to it takes. Open until ``close()``.
    public let descriptor: Int32
    /// Whether this process made it.
    public let isNew: Bool
    /// Whether it is a file on a disk; else a pipe or a device.
    public let isRegular: Bool

    /// Opens a file to append to it, or makes it.
    ///
    /// - Parameters:
    ///   - isMade: whether one that is there is refused.
    ///   - owner: to whom a new one is given, by its descriptor, if root runs this process; what was there stays its
    ///     owner's. The corresponding C function is `fchown`.
    public init(_ path: String, isMade: Bool = false, owner: User? = nil) throws(OutputError) {
        let file = try OutputFile(path, isMade ? .create : .append, mode: 0o640)
        descriptor = duplicate(file.descriptor)
        guard descriptor >= 0 else { throw .notRegular }
        (isNew, isRegular) = (file.isNew, file.isRegular)
        if let owner, Privileges.isRoot, isNew {
            _ = fchown(descriptor, owner.identifier, owner.group)
        }
    }

    /// Whether a file was there that has a second name: another user may have linked it here. The corresponding C
    /// function is `fstat`.
    public var hasSecondName: Bool {
        var status = stat()
        guard isRegular, !isNew, unsafe fstat(descriptor, &status) == 0 else { return false }
        return status.st_nlink > 1
    }

    /// Takes back the last line of a file of JSON lines where a killed run left it unfinished, shorter than `limit`
    /// bytes, and returns it; "" where there is none. Any other last line is closed with a line break.
    public func takeUnfinishedObject(limit: Int = 1 << 16) -> String {
        var status = stat()
        guard isRegular, !isNew, unsafe fstat(descriptor, &status) == 0, status.st_size > 0 else {
            return ""
        }
        let size = Int(status.st_size)
        // It is open for appending only.
        let reader = unsafe open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return "" }
        defer { Glibc.close(reader) }
        var tail = [UInt8](repeating: 0, count: min(size, limit))
        let count = unsafe tail.withUnsafeMutableBytes {
            unsafe pread(reader, $0.baseAddress, $0.count, off_t(size - $0.count))
        }
        guard count == tail.count, tail.last != 0x0a else { return "" }
        let start = tail.lastIndex(of: 0x0a).map { $0 + 1 } ?? (size == count ? 0 : nil)
        guard let start, tail[start] == UInt8(ascii: "{"),
            ftruncate(descriptor, off_t(size - count + start)) == 0
        else {
            var lineBreak: UInt8 = 0x0a
            _ = unsafe write(descriptor, &lineBreak, 1)
            return ""
        }
        return String(decoding: tail[start...], as: UTF8.self)
    }

    /// Closes it.
    public func close() { Glibc.close(descriptor) }
}

/// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
private func duplicate(_ descriptor: Int32) -> Int32 {
    fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
}
