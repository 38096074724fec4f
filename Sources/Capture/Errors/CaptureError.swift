/// What went wrong with a capture: the place, and the reason in numbers.
///
/// The text is made by `description`, in the form `what: why: what to do`.
public enum CaptureError: Error, Hashable, Sendable {
    /// A filter expression does not compile: a mistake of usage. The text is libpcap's.
    case filter(String, String)
    /// A capture file could not be read, or not to its end. `offset` is the byte of the file, from
    /// 0, at which the part at fault begins; `nil` where there is no such place. `frames` came
    /// before it, and have been handed out.
    case file(String, offset: Int64?, frames: UInt64, FileError)
    /// A capture file could not be written. The text says why and what to do.
    case dump(String, String)
    /// libpcap could not list or open an interface. The text is libpcap's.
    case interface(String, InterfaceError)

    /// The file at fault, as it was named; `nil` where it is no file's fault.
    public var file: String? {
        if case .file(let path, _, _, _) = self { path } else { nil }
    }

    /// The byte of the file at which the part at fault begins.
    public var offset: Int64? {
        if case .file(_, let offset, _, _) = self { offset } else { nil }
    }

    /// The reason, where it is a file's.
    public var fileError: FileError? {
        if case .file(_, _, _, let fileError) = self { fileError } else { nil }
    }
}
