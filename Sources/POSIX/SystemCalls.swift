// The only file of the libraries that touches errno. Everything else sees `SystemError`.
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A system call that failed.
public struct SystemError: Error, Hashable, Sendable {
    /// The value of `errno`.
    public let code: Int32

    /// That of the call that failed last on this thread.
    public static var last: SystemError { SystemError(code: errno) }

    /// Wraps a value of `errno`.
    public init(code: Int32) { self.code = code }

    /// The system's text for the error. The corresponding C function is `strerror`.
    public var reason: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// A symbolic link where none is followed.
    public static let loop = SystemError(code: ELOOP)
    static let exists = SystemError(code: EEXIST)
    /// There is no such file.
    public static let missing = SystemError(code: ENOENT)
    static let directory = SystemError(code: EISDIR)
    static let noDevice = SystemError(code: ENXIO)
    /// A pipe that nobody reads any more.
    public static let brokenPipe = SystemError(code: EPIPE)
    /// A descriptor that is not open.
    public static let badDescriptor = SystemError(code: EBADF)

    /// Whether a folder may not be written to.
    var isForbidden: Bool { code == EACCES || code == EPERM || code == EROFS }
}

/// What kind of thing a path or a descriptor names.
enum FileKind {
    case regular, directory, link
    /// A pipe, a terminal, another character device: bytes go through.
    case stream
    /// A block device or a socket.
    case other
}

/// The result of `fstat`.
struct FileStatus {
    let kind: FileKind
    let identity: FileIdentity
    /// Bytes.
    let size: Int64
    /// When it was last written to, in nanoseconds since 1970.
    let modified: Int64

    fileprivate init(_ status: stat) {
        size = Int64(status.st_size)
        modified =
            Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        identity = FileIdentity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino))
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFIFO, S_IFCHR: .stream
            default: .other
            }
    }

    /// The corresponding C function is `fstat`.
    init(of descriptor: Int32) throws(SystemError) {
        var status = stat()
        _ = try retry { unsafe fstat(descriptor, &status) }
        self.init(status)
    }

    /// The corresponding C function is `stat`.
    init(following path: String) throws(SystemError) {
        var status = stat()
        _ = try retry { unsafe withPath(path) { unsafe stat($0, &status) } }
        self.init(status)
    }

    /// What a name in a folder stands for, a link for itself. The corresponding C function is `fstatat`.
    init(in folder: Int32, _ name: String) throws(SystemError) {
        var status = stat()
        _ = try retry {
            unsafe withPath(name) { unsafe fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }
        }
        self.init(status)
    }
}

/// How a file is opened for writing. A link in the last component of the path is never followed,
/// and a pipe without a reader is an error instead of a wait.
struct OpenFlags: OptionSet {
    let rawValue: Int32
    static let create = OpenFlags(rawValue: O_CREAT)
    static let exclusive = OpenFlags(rawValue: O_CREAT | O_EXCL)
    static let append = OpenFlags(rawValue: O_APPEND)
}

/// Opens a file for writing. The corresponding C function is `openat`.
func openForWriting(
    in folder: Int32?, _ path: String, _ flags: OpenFlags, mode: UInt16
) throws(SystemError) -> Int32 {
    let all = flags.rawValue | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    return try retry {
        unsafe withPath(path) { unsafe openat(folder ?? AT_FDCWD, $0, all, mode_t(mode)) }
    }
}

/// Opens a folder. The corresponding C function is `open`.
func openFolder(_ path: String) throws(SystemError) -> Int32 {
    try retry { unsafe withPath(path) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }
}

/// Makes writing wait where a pipe or a terminal is full. The corresponding C function is `fcntl`.
func makeBlocking(_ descriptor: Int32) throws(SystemError) {
    let flags = try retry { fcntl(descriptor, F_GETFL) }
    if flags & O_NONBLOCK != 0 { _ = try retry { fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) } }
}

/// A second descriptor, above the standard ones, of what is open for writing. The corresponding C
/// function is `fcntl`.
func duplicateForWriting(_ descriptor: Int32) throws(SystemError) -> Int32 {
    let flags = try retry { fcntl(descriptor, F_GETFL) }
    guard flags & O_ACCMODE != O_RDONLY else { throw .badDescriptor }
    return try retry { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
}

/// Cuts a file to a length in bytes and goes on at its end. The corresponding C functions are `ftruncate`
/// and `lseek`.
func cut(_ descriptor: Int32, to length: Int) throws(SystemError) {
    _ = try retry { ftruncate(descriptor, off_t(length)) }
    _ = try retry { lseek(descriptor, 0, SEEK_END) }
}

/// The corresponding C function is `fsync`.
func synchronize(_ descriptor: Int32) throws(SystemError) { _ = try retry { fsync(descriptor) } }

/// The corresponding C function is `renameat`.
func rename(_ name: String, to new: String, in folder: Int32) throws(SystemError) {
    _ = try retry {
        unsafe withPath(name) { old in
            unsafe withPath(new) { unsafe renameat(folder, old, folder, $0) }
        }
    }
}

/// The corresponding C function is `unlinkat`.
func remove(_ name: String, in folder: Int32) {
    _ = unsafe withPath(name) { unsafe unlinkat(folder, $0, 0) }
}

/// The corresponding C function is `close`.
func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// Writes all bytes; waits where a pipe that does not block is full. The corresponding C functions are
/// `write` and `poll`.
public func write(all bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
    try write(all: bytes.span, to: descriptor)
}

/// Writes all bytes, as the function above.
public func write(all bytes: Span<UInt8>, to descriptor: Int32) throws(SystemError) {
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(
                descriptor, $0.baseAddress.map { unsafe $0 + written }, bytes.count - written)
        }
        if count >= 0 {
            written += count
        } else if errno == EAGAIN {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&request, 1, -1)
        } else if errno != EINTR {
            throw .last
        }
    }
}

/// Reads what is there, up to a number of bytes; none at the end. The corresponding C function is `read`.
public func read(from descriptor: Int32, atMost limit: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = try retry {
        unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    }
    return count == limit ? bytes : Array(bytes[..<count])
}

/// The first bytes of a file, up to a number. The corresponding C functions are `open` and `read`.
public func readFile(_ path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
    let descriptor = try retry { unsafe withPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC) } }
    defer { closeDescriptor(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
        let added = try retry {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress.map { unsafe $0 + count }, limit - count)
            }
        }
        if added == 0 { break }
        count += added
    }
    return Array(bytes[..<count])
}

/// A file whose contents are a secret.
public struct SecretFile {
    /// Whether it is a regular file. Of any other, nothing is read.
    public let isRegular: Bool
    /// Whether others than its owner and its group may do anything with it.
    public let isPublic: Bool
    /// Its first bytes.
    public let bytes: [UInt8]

    /// Reads up to a number of bytes. The corresponding C functions are `open`, `fstat` and `pread`.
    public init(_ path: String, atMost limit: Int) throws(SystemError) {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor = try retry { unsafe withPath(path) { unsafe open($0, flags) } }
        defer { closeDescriptor(descriptor) }
        var status = stat()
        _ = try retry { unsafe fstat(descriptor, &status) }
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isPublic = status.st_mode & 0o007 != 0
        bytes = isRegular ? try read(descriptor, at: 0, count: limit) : []
    }
}

/// Opens a file for reading. The corresponding C function is `open`.
public func openForReading(_ path: String) throws(SystemError) -> Int32 {
    try retry { unsafe withPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) } }
}

/// Opens a regular file for reading from its start; a symbolic link in the last component is not followed. The
/// corresponding C functions are `open` and `fstat`.
///
/// - Parameter limit: the longest file that is opened, in bytes.
/// - Returns: the descriptor, which the caller closes; nil for a longer file, and for what is none.
public func openRegularFile(_ path: String, atMost limit: Int64) throws(SystemError) -> Int32? {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let descriptor = try retry { unsafe withPath(path) { unsafe open($0, flags) } }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        Int64(status.st_size) <= limit
    else {
        closeDescriptor(descriptor)
        return nil
    }
    return descriptor
}

/// Reads bytes at a place of a file, fewer at its end. The corresponding C function is `pread`.
func read(
    _ descriptor: Int32, at offset: Int64, count: Int
) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var held = 0
    while held < count {
        let added = try retry {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(
                    descriptor, $0.baseAddress.map { unsafe $0 + held }, count - held,
                    off_t(offset) + off_t(held))
            }
        }
        if added == 0 { break }
        held += added
    }
    return held == count ? bytes : Array(bytes[..<held])
}

/// Makes sure that descriptors 0, 1 and 2 are taken, so that no file that is opened later becomes standard
/// output. One that was closed still fails with `EBADF` when it is used: it is opened the other way round.
/// To be called before anything is opened.
public func reserveStandardDescriptors() {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) == -1 && errno == EBADF {
        // The lowest free number is this one.
        _ = unsafe open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
}

/// The folder that a path's last component is in.
public func parentFolder(of path: String) -> String {
    // A slash is one byte, whatever stands beside it.
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "."
}

/// Makes a folder, if it is not there. The corresponding C function is `mkdir`.
public func makeFolder(_ path: String) throws(SystemError) {
    do throws(SystemError) {
        _ = try retry { unsafe withPath(path) { unsafe mkdir($0, 0o777) } }
    } catch {
        guard error == .exists else { throw error }
    }
}

/// The working directory's path; nil where it has none any more. The corresponding C function is `getcwd`.
public var workingDirectory: String? {
    guard let path = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(path) }
    return unsafe PathText.text(cString: path)
}

/// Whether a path names a pipe or a device, which can be read once. The corresponding C function is `stat`.
public func isStream(_ path: String) -> Bool {
    path == "-" || (try? FileStatus(following: path).kind) == .stream
}

/// Calls a function with a path's bytes, which ``PathText`` may have escaped.
public func withPath<Result>(_ path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let bytes = PathText.bytes(path) + [0]
    return unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress!) }
    }
}

/// Repeats a call that a signal interrupted, and turns -1 into the error.
package func retry<Count: FixedWidthInteger>(_ call: () -> Count) throws(SystemError) -> Count {
    while true {
        let result = call()
        if result != -1 { return result }
        guard errno == EINTR else { throw .last }
    }
}
