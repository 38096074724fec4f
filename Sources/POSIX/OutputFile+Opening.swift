/// A new file beside the one that it will replace, under a name of its own.
struct AsideFile {
    let folder: Int32
    let temporaryName: String
    let name: String

    /// Puts it into the place of the old file, which vanishes.
    func commit() throws(SystemError) {
        try rename(temporaryName, to: name, in: folder)
        closeDescriptor(folder)
    }

    /// Removes it.
    func discard() {
        remove(temporaryName, in: folder)
        closeDescriptor(folder)
    }
}

extension OutputFile {
    /// What opening came to.
    struct Opened {
        let descriptor: Int32
        var isNew = false
        /// Whether the process was given it.
        var isInherited = false
        var aside: AsideFile?
    }

    /// Whether a path names a descriptor that the process was given, and no file that can be opened anew.
    public static func isInherited(_ path: String) -> Bool { inherited(path) != nil }

    /// The descriptor that a path names; nil for a path of the file system.
    static func inherited(_ path: String) -> Int32? {
        switch path {
        case "-", "/dev/stdout": return 1
        case "/dev/stderr": return 2
        default:
            for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
                return Int32(path.dropFirst(folder.count))
            }
            return nil
        }
    }

    /// Opens the file itself.
    static func inPlace(
        _ path: String, _ purpose: Purpose, _ mode: UInt16
    ) throws(SystemError) -> Opened {
        let append: OpenFlags = purpose == .append ? .append : []
        do throws(SystemError) {
            let new = try openForWriting(in: nil, path, [.exclusive, append], mode: mode)
            return Opened(descriptor: new, isNew: true)
        } catch {
            guard error == .exists, purpose != .create else { throw error }
        }
        // Not without O_CREAT: the kernel then refuses other users' files in a folder such as /tmp
        // (fs.protected_regular, fs.protected_fifos).
        return Opened(
            descriptor: try openForWriting(in: nil, path, [.create, append], mode: mode))
    }

    /// Opens a new file in the same folder.
    static func beside(
        _ path: String, _ mode: UInt16, _ acceptsStreams: Bool, _ inUse: [FileIdentity]
    ) throws -> Opened {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = String(slash.map { path[path.utf8.index(after: $0)...] } ?? path[...])
        guard !["", ".", ".."].contains(name) else { throw SystemError.directory }
        let folder = try openFolder(parentFolder(of: path))
        var isKept = false
        defer { if !isKept { closeDescriptor(folder) } }

        let old = try status(in: folder, name)
        switch old?.kind {
        case nil: break
        case .regular where old.map { inUse.contains($0.identity) } == true:
            throw OutputError.inUse
        case .regular: break
        case .stream where acceptsStreams:
            return Opened(descriptor: try openForWriting(in: folder, name, [], mode: mode))
        case .link: throw OutputError.link
        case .directory: throw SystemError.directory
        default: throw OutputError.notRegular
        }
        do {
            let (descriptor, temporary) = try temporaryFile(in: folder, mode)
            isKept = true
            return Opened(
                descriptor: descriptor, isNew: true,
                aside: AsideFile(folder: folder, temporaryName: temporary, name: name))
        } catch {
            guard error.isForbidden, old != nil, acceptsStreams else { throw error }
            let descriptor = try openForWriting(in: folder, name, [], mode: mode)
            try POSIX.cut(descriptor, to: 0)
            return Opened(descriptor: descriptor)
        }
    }

    private static func status(in folder: Int32, _ name: String) throws(SystemError) -> FileStatus?
    {
        do { return try FileStatus(in: folder, name) } catch {
            guard error == .missing else { throw error }
            return nil
        }
    }

    /// A new file under a name that nobody can foresee.
    private static func temporaryFile(
        in folder: Int32, _ mode: UInt16
    ) throws(SystemError) -> (Int32, String) {
        for _ in 0..<16 {
            let number = UInt64.random(in: .min ... .max)
            let name = ".wirestate-\(String(number, radix: 36)).new"
            do {
                return (try openForWriting(in: folder, name, .exclusive, mode: mode), name)
            } catch {
                guard error == .exists else { throw error }
            }
        }
        throw .exists
    }

    /// What the error of a call means for an output.
    static func explain(_ error: any Error) -> OutputError {
        switch error {
        case let error as OutputError: error
        case let error as SystemError where error == .loop: .link
        case let error as SystemError where error == .noDevice: .noReader
        case let error as SystemError: .system(error)
        default: .notRegular
        }
    }
}
