internal import CPcap
public import Wire

/// A capture file that is being written: classic pcap with nanoseconds. The corresponding C type is
/// `pcap_dumper_t`.
@safe
public final class DumpFile {
    private let handle: PcapHandle
    private let dumper: OpaquePointer
    /// The file's path.
    public let path: String
    /// Bytes written so far, the file's header included.
    public private(set) var bytes = 24
    /// Frames written so far.
    public private(set) var frames: UInt64 = 0
    /// What had reached the file when it was last flushed, in bytes: up to there it is whole.
    public private(set) var wholeBytes = 24

    /// Begins a file, in the place of one that is there. The corresponding C functions are
    /// `pcap_open_dead_with_tstamp_precision` and `pcap_dump_open`.
    public init(path: String, linkType: LinkType, snapshotLength: Int) throws(CaptureError) {
        self.path = path
        handle = unsafe PcapHandle(
            pcap_open_dead_with_tstamp_precision(
                linkType.dataLink, Int32(clamping: snapshotLength),
                UInt32(PCAP_TSTAMP_PRECISION_NANO)))
        guard let opened = unsafe pcap_dump_open(handle.pointer, path) else {
            throw .dump(path, handle.errorText)
        }
        unsafe dumper = opened
    }

    /// Goes on with a file that was begun before, of which `bytes` are whole: what follows is cut off.
    /// The corresponding C functions are `truncate` and `pcap_dump_open_append`.
    public init(
        continuing path: String, bytes: Int, linkType: LinkType, snapshotLength: Int
    ) throws(CaptureError) {
        self.path = path
        self.bytes = bytes
        wholeBytes = bytes
        handle = unsafe PcapHandle(
            pcap_open_dead_with_tstamp_precision(
                linkType.dataLink, Int32(clamping: snapshotLength),
                UInt32(PCAP_TSTAMP_PRECISION_NANO)))
        guard cut(path, to: bytes) else { throw .dump(path, systemText(lastError)) }
        guard let opened = unsafe pcap_dump_open_append(handle.pointer, path) else {
            throw .dump(path, handle.errorText)
        }
        unsafe dumper = opened
    }

    deinit { unsafe pcap_dump_close(dumper) }

    /// Appends a frame. The corresponding C function is `pcap_dump`.
    public func write(_ bytes: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        var header = pcap_pkthdr()
        header.ts.tv_sec = Int(time.nanoseconds / 1_000_000_000)
        header.ts.tv_usec = Int(time.nanoseconds % 1_000_000_000)
        header.caplen = UInt32(truncatingIfNeeded: bytes.count)
        header.len = UInt32(truncatingIfNeeded: max(wireLength, bytes.count))
        let user = unsafe UnsafeMutableRawPointer(dumper).assumingMemoryBound(to: UInt8.self)
        unsafe bytes.withUnsafeBufferPointer { unsafe pcap_dump(user, &header, $0.baseAddress) }
        self.bytes += 16 + bytes.count
        frames += 1
    }

    /// Writes out what is buffered. The corresponding C function is `pcap_dump_flush`.
    ///
    /// - Throws: where not all that was written so far has reached the file.
    public func flush() throws(CaptureError) {
        let status = unsafe pcap_dump_flush(dumper)
        let file = unsafe pcap_dump_file(dumper)
        guard status == 0, unsafe ferror(file) == 0 else {
            throw .dump(path, systemText(lastError))
        }
        wholeBytes = bytes
    }
}
