/// A source as libpcap reads it, where it is no plain file.
final class SourceStream: StreamCookie {
    private var source: ByteSource
    /// Why reading failed; libpcap only knows that it did.
    private(set) var fileError: FileError?

    init(_ source: consuming ByteSource) { self.source = source }

    /// Bytes taken from the file so far.
    var bytesRead: Int64 { source.bytesRead }
    /// The byte of the file up to which it has been unpacked.
    var compressedOffset: Int64 { source.compressedOffset }

    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        do { return try unsafe source.read(into: room) } catch {
            fileError = error
            return -1
        }
    }
}
