internal import CPcap
internal import POSIX

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What kind of thing a descriptor is open on.
enum FileShape {
    /// A file with a size in bytes, which can be opened again.
    case regular(size: Int64)
    case directory
    /// A pipe, a terminal, a socket: bytes arrive when they arrive.
    case stream
}

/// A stdio stream.
typealias StandardStream = UnsafeMutablePointer<FILE>

/// An open file descriptor, closed with its owner.
struct FileDescriptor: ~Copyable {
    private let number: CInt

    /// Opens a file for reading. The corresponding C function is `open`.
    init(opening path: String) throws(SystemError) {
        number = try retry {
            unsafe withPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        }
    }

    /// Takes a second hold of standard input. The corresponding C function is `dup`.
    init(standardInput: Void) throws(SystemError) {
        number = try retry { dup(0) }
    }

    /// Takes a second hold of another one. The corresponding C function is `dup`.
    init(copying other: borrowing FileDescriptor) throws(SystemError) {
        let number = other.number
        self.number = try retry { dup(number) }
    }

    deinit { _ = close(number) }

    /// What the descriptor is open on. The corresponding C function is `fstat`.
    var shape: FileShape {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { return .stream }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: return .regular(size: Int64(status.st_size))
        default: return .stream
        }
    }

    /// Reads what is there, at least one byte unless the end is reached. The corresponding C
    /// function is `read`.
    func read(into room: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try retry { unsafe Capture.read(number, room) }
    }

    /// Reads what is at an offset of a regular file. The corresponding C function is `pread`.
    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int
    {
        try retry { unsafe pread(number, room.baseAddress, room.count, off_t(offset)) }
    }

    /// Reads from an offset of a regular file until the room is full. Returns the bytes that there are: fewer at the end, and
    /// where trouble is.
    func fill(_ room: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        var count = 0
        while count < room.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
            let more = (try? unsafe read(into: rest, at: offset + Int64(count))) ?? 0
            if more == 0 { break }
            count += more
        }
        return count
    }

    /// Where the next read of a regular file begins. The corresponding C function is `lseek`.
    var offset: Int64 {
        get throws(SystemError) { Int64(try retry { Int(lseek(number, 0, SEEK_CUR)) }) }
    }

    /// Makes the next read begin at an offset of a regular file. The corresponding C function is `lseek`.
    func seek(to offset: Int64) throws(SystemError) {
        _ = try retry { Int(lseek(number, off_t(offset), SEEK_SET)) }
    }

    /// Whether bytes, or the end, are there to be read within so many milliseconds. The corresponding C
    /// function is `poll`.
    func hasMore(within milliseconds: Int32) -> Bool {
        var list = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&list, 1, milliseconds) != 0
    }

    /// Reads the bytes that come next and leaves them to come: of a regular file. The corresponding
    /// C functions are `pread` and `lseek`.
    func peek(into room: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try unsafe read(into: room, at: offset)
    }

    /// Makes a stdio stream of a second hold of the descriptor, for libpcap, which closes it.
    func stream() throws(SystemError) -> StandardStream {
        let copy = try retry { dup(number) }
        guard let stream = unsafe fdopen(copy, "rb") else {
            let error = SystemError.last
            _ = close(copy)
            throw error
        }
        return unsafe stream
    }
}

/// What a stdio stream reads that is no descriptor. The corresponding C function is `fopencookie`.
protocol StreamCookie: AnyObject {
    /// Reads what is there; 0 at the end, -1 after trouble.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int
}

/// Makes a stdio stream that reads from a cookie and holds it until it is closed.
func stream(of cookie: some StreamCookie) throws(SystemError) -> StandardStream {
    let held = unsafe Unmanaged.passRetained(cookie as AnyObject)
    let functions = unsafe stream_functions(
        read: { cookie, bytes, count in
            guard let cookie = unsafe cookie, let bytes = unsafe bytes else { return -1 }
            let object = unsafe Unmanaged<AnyObject>.fromOpaque(cookie).takeUnretainedValue()
            guard let source = object as? any StreamCookie else { return -1 }
            return unsafe source.read(
                into: UnsafeMutableRawBufferPointer(start: bytes, count: count))
        },
        write: nil, seek: nil,
        close: { cookie in
            if let cookie = unsafe cookie {
                unsafe Unmanaged<AnyObject>.fromOpaque(cookie).release()
            }
            return 0
        })
    guard let stream = unsafe open_cookie(held.toOpaque(), "rb", functions) else {
        let error = SystemError.last
        unsafe held.release()
        throw error
    }
    return unsafe stream
}

private func read(_ number: CInt, _ room: UnsafeMutableRawBufferPointer) -> Int {
    unsafe read(number, room.baseAddress, room.count)
}

/// Sleeps for a tenth of a second, or until a signal arrives. The corresponding C function is `usleep`.
func pause() { usleep(100_000) }

/// Whether the error means that the file does not exist.
func isMissing(_ code: CInt) -> Bool { code == ENOENT || code == ENOTDIR }

/// Whether the error means that the file may not be read.
func isForbidden(_ code: CInt) -> Bool { code == EACCES || code == EPERM }

/// Whether the error means that the process holds as many files open as it may.
func isTooManyOpen(_ code: CInt) -> Bool { code == EMFILE || code == ENFILE }
