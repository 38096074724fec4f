/// A file that is open for writing: the only way in which the program opens one.
///
/// A symbolic link in the last component of the path is not followed; a file that is in use (an input, another
/// output) is refused, whatever its name; a new file is made with `O_EXCL`. A descriptor that the process
/// was given can be named: `-` and `/dev/stdout`, `/dev/stderr`, `/dev/fd/63` as of the shell's `>(…)`.
public final class OutputFile {
    /// What is to happen with the file that is there.
    public enum Purpose: Sendable {
        /// It is gone on with.
        case append
        /// It is emptied. For a stream that other programs read while it is written.
        case overwrite
        /// It is refused: the name is the program's own choice.
        case create
        /// It stays as it is until ``commit(durably:)`` puts the new one into its place. Where the folder
        /// cannot be written to, it is emptied.
        case replace
    }

    /// The path as it was given.
    public let path: String
    /// The open descriptor. It is closed with its owner.
    public let descriptor: Int32
    /// Whether the file did not exist before, and thus may be given to another user.
    public let isNew: Bool
    /// Whether it is a regular file; else a pipe, a terminal, another character device.
    public let isRegular: Bool
    /// Device and inode.
    public let identity: FileIdentity
    private var aside: AsideFile?

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - mode: permissions of a file that is made, less the umask.
    ///   - acceptsStreams: whether a pipe or a character device does, too.
    ///   - inUse: files that are not to be written to.
    public init(
        _ path: String, _ purpose: Purpose, mode: UInt16 = 0o666, acceptsStreams: Bool = true,
        inUse: [FileIdentity] = []
    ) throws(OutputError) {
        var opened: Opened
        do {
            if let number = OutputFile.inherited(path) {
                opened = Opened(descriptor: try duplicateForWriting(number), isInherited: true)
            } else if purpose == .replace {
                opened = try OutputFile.beside(path, mode, acceptsStreams, inUse)
            } else {
                opened = try OutputFile.inPlace(path, purpose, mode)
            }
        } catch {
            throw OutputFile.explain(error)
        }
        let status: FileStatus
        do {
            status = try FileStatus(of: opened.descriptor)
            switch status.kind {
            case .regular where inUse.contains(status.identity): throw OutputError.inUse
            case .regular where opened.isInherited && !acceptsStreams: throw OutputError.notRegular
            case .regular:
                if purpose == .overwrite && !opened.isInherited {
                    try POSIX.cut(opened.descriptor, to: 0)
                }
            case .stream where acceptsStreams: try makeBlocking(opened.descriptor)
            default: throw OutputError.notRegular
            }
        } catch {
            opened.aside?.discard()
            closeDescriptor(opened.descriptor)
            throw OutputFile.explain(error)
        }
        self.path = path
        descriptor = opened.descriptor
        isNew = opened.isNew
        isRegular = status.kind == .regular
        identity = status.identity
        aside = opened.aside
    }

    deinit {
        closeDescriptor(descriptor)
        aside?.discard()
    }

    /// Writes all bytes. The corresponding C function is `write`.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        try write(bytes.span)
    }

    /// Writes all bytes. The corresponding C function is `write`.
    public func write(_ bytes: Span<UInt8>) throws(SystemError) {
        try POSIX.write(all: bytes, to: descriptor)
    }

    /// Cuts the file to a length in bytes, and goes on at its end. The corresponding C function is `ftruncate`.
    public func cut(to length: Int) throws(SystemError) { try POSIX.cut(descriptor, to: length) }

    /// Puts a file that replaces another one into its place; nothing where there is none to replace.
    ///
    /// - Parameter durably: whether to wait until it is on the disk first.
    public func commit(durably: Bool = false) throws(SystemError) {
        if durably { try synchronize(descriptor) }
        try aside?.commit()
        aside = nil
    }
}
