/// What makes a file the same under any name: its device and its inode number there. See stat(2).
public struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The regular file behind a path, `-` for standard input; nil where there is none.
    /// The corresponding C functions are `stat` and `fstat`.
    public init?(path: String) {
        let status = path == "-" ? try? FileStatus(of: 0) : try? FileStatus(following: path)
        guard let status, status.kind == .regular else { return nil }
        self = status.identity
    }
}
