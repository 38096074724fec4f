/// Where a capture file's bytes come from: a file, a pipe or standard input.
///
/// The readers above know nothing but ``read(into:)``. A compressed file is one more kind of source,
/// which reads the descriptor and hands out what it inflates; ``bytesRead`` then still counts bytes
/// of the file itself, for progress.
struct ByteSource: ~Copyable {
    private let descriptor: FileDescriptor
    /// The size in bytes; `nil` for a pipe.
    let size: Int64?
    /// Bytes taken from the file so far.
    private(set) var bytesRead: Int64 = 0

    /// Opens a path; `-` is standard input.
    init(path: String) throws(FileTrouble) {
        let opened = try Self.open(path)
        switch opened.shape {
        case .regular(let size): self.size = size
        case .stream: size = nil
        case .directory: throw .directory
        }
        descriptor = opened
    }

    private static func open(_ path: String) throws(FileTrouble) -> FileDescriptor {
        do {
            return path == "-"
                ? try FileDescriptor(standardInput: ()) : try FileDescriptor(opening: path)
        } catch {
            throw .cannotOpen(errorNumber: error.code)
        }
    }

    /// Reads what is there; 0 at the end.
    mutating func read(into room: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let count = try unsafe descriptor.read(into: room)
        bytesRead &+= Int64(count)
        return count
    }

    /// Makes a stdio stream of the file, which outlives the source.
    func stream() throws(SystemError) -> StandardStream {
        try unsafe descriptor.stream()
    }
}
