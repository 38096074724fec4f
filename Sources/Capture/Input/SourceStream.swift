/// A source as libpcap reads it, where it is no plain file.
final class SourceStream: StreamCookie {
    private var source: ByteSource
    /// Why reading failed; libpcap only knows that it did.
    private(set) var trouble: FileError?

    init(_ source: consuming ByteSource) { self.source = source }

    /// Bytes taken from the file so far.
    var bytesRead: Int64 { source.bytesRead }
    /// The byte of the file up to which it has been unpacked.
    var packedOffset: Int64 { source.packedOffset }

    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        do { return try unsafe source.read(into: room) } catch {
            trouble = error
            return -1
        }
    }
}
