/// A file that is open for reading at any place.
public final class InputFile {
    /// The path as it was given.
    public let path: String
    private let descriptor: Int32

    /// Opens a file. The corresponding C function is `open`.
    public init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = try openForReading(path)
    }

    deinit { closeDescriptor(descriptor) }

    /// The bytes at a place, fewer at the end of the file. The corresponding C function is `pread`.
    public func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        try read(descriptor, at: offset, count: count)
    }
}
