public import POSIX
public import Wire

/// A capture file that is being written: classic pcap with nanoseconds, in the byte order of this host.
/// See pcap-savefile(5).
public final class DumpFile {
    private let file: OutputFile
    private var buffer: [UInt8] = []
    /// The first write that failed.
    private var failure: SystemError?
    /// Bytes written so far, the file's header included.
    public private(set) var bytes: Int
    /// Frames written so far.
    public private(set) var frames: UInt64 = 0
    /// What had reached the file when it was last flushed, in bytes: up to there it is whole.
    public private(set) var wholeBytes: Int

    /// What is kept in memory before it is written, in bytes.
    private static let bufferSize = 1 << 16
    private static let headerSize = 24

    /// Begins a capture in an empty file: writes the header.
    public init(
        _ file: OutputFile, linkType: LinkType, snapshotLength: Int
    ) throws(CaptureError) {
        self.file = file
        bytes = DumpFile.headerSize
        wholeBytes = 0
        buffer.reserveCapacity(DumpFile.bufferSize)
        append(0xa1b2_3c4d as UInt32)  // times in nanoseconds
        append(2 as UInt16)  // version 2.4
        append(4 as UInt16)
        append(0 as UInt64)  // time zone and accuracy, which nobody uses
        append(UInt32(clamping: snapshotLength))
        append(linkType.rawValue)
        try flush()
    }

    /// Goes on with a file that was begun before, of which `bytes` are whole: what follows is cut off.
    public init(continuing file: OutputFile, bytes: Int) throws(CaptureError) {
        self.file = file
        self.bytes = bytes
        wholeBytes = bytes
        do { try file.cut(to: bytes) } catch { throw .dump(file.path, error.reason) }
    }

    deinit { try? flush() }

    /// The file's path.
    public var path: String { file.path }

    /// Appends a frame.
    public func write(_ frame: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        append(UInt32(truncatingIfNeeded: rest < 0 ? seconds - 1 : seconds))
        append(UInt32(truncatingIfNeeded: rest < 0 ? rest + 1_000_000_000 : rest))
        append(UInt32(truncatingIfNeeded: frame.count))
        append(UInt32(clamping: max(wireLength, frame.count)))
        unsafe frame.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
        bytes += 16 + frame.count
        frames += 1
        if buffer.count >= DumpFile.bufferSize { empty() }
    }

    /// Writes out what is buffered.
    ///
    /// - Throws: where not all that was written so far has reached the file.
    public func flush() throws(CaptureError) {
        empty()
        if let failure { throw .dump(path, failure.reason) }
        wholeBytes = bytes
    }

    private func empty() {
        if failure == nil {
            do { try file.write(buffer) } catch { failure = error }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func append(_ number: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: number) { unsafe buffer.append(contentsOf: $0) }
    }
}
