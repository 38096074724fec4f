/// Why a file cannot be written to.
public enum OutputError: Error, Hashable, Sendable {
    case system(SystemError)
    /// It is one of the files that are not to be written to: an input, or another output.
    case inUse
    /// The last component of the path is a symbolic link.
    case link
    /// It is a device, a pipe or a socket, which cannot hold this output.
    case notRegular
    /// It is a pipe that nobody reads.
    case noReader

    /// The value of `errno`, where it is a system call's.
    public var code: Int32? {
        if case .system(let error) = self { error.code } else { nil }
    }

    /// Why, and what to do.
    public var reason: String {
        switch self {
        case .system(let error): "\(error.reason): choose a writable path"
        case .inUse: "is also an input or another output: choose another name"
        case .link: "is a symbolic link: name the file itself"
        case .notRegular: "is not a regular file: choose another name"
        case .noReader: "is a pipe without a reader: start the reader first"
        }
    }
}
