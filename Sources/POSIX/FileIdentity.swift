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

/// What changes when a file is written to.
public struct FileVersion: Hashable, Sendable {
    /// Bytes.
    public var size: Int64
    /// When it was last written to, in nanoseconds since 1970.
    public var modified: Int64

    /// What was noted of one.
    public init(size: Int64, modified: Int64) {
        self.size = size
        self.modified = modified
    }

    /// That of the regular file behind a path; nil where there is none. The corresponding C function is `stat`.
    public init?(path: String) {
        guard path != "-", let status = try? FileStatus(following: path), status.kind == .regular
        else { return nil }
        self.init(size: status.size, modified: status.modified)
    }
}
