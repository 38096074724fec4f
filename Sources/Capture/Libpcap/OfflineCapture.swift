internal import CPcap
internal import POSIX
public import Wire

/// A capture file, opened and read by libpcap. Times are in nanoseconds, whatever the file has.
///
/// ``CaptureReader`` is the usual way to read; this is the reference it is tested against.
public struct OfflineCapture: ~Copyable {
    private let handle: PcapHandle
    private let path: String
    /// The link type of all frames. The corresponding C function is `pcap_datalink`.
    public let linkType: LinkType
    /// Seconds of classic pcap, which libpcap 1.10 reads as signed where the file's byte order is
    /// this machine's, are unsigned. So many are added to negative ones.
    private let secondsBelowZero: Int64
    /// What libpcap reads from, where it is no plain file.
    private let source: SourceStream?
    /// Frames handed out so far.
    public private(set) var frames: UInt64 = 0

    /// Opens a file; `-` is standard input. The corresponding C function is
    /// `pcap_fopen_offline_with_tstamp_precision`.
    public init(path: String) throws(CaptureError) {
        do {
            try self.init(ByteSource(path: path), path: path)
        } catch {
            throw .file(path, offset: nil, frames: 0, error)
        }
    }

    /// Opens what a source is open on; the source is closed, and nothing may have been read of it.
    init(_ source: consuming ByteSource, path: String) throws(FileError) {
        let stream: StandardStream
        var cookie: SourceStream?
        do {
            if source.isPlain {
                unsafe stream = try source.stream()
            } else {
                let made = SourceStream(source)
                unsafe stream = try Capture.stream(of: made)
                cookie = made
            }
        } catch {
            throw .cannotOpen(errorNumber: error.code)
        }
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        let opened = unsafe pcap_fopen_offline_with_tstamp_precision(
            stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &text)
        guard let opened = unsafe opened else {
            unsafe fclose(stream)
            throw cookie?.fileError ?? .libpcap(String(terminated: text))
        }
        handle = unsafe PcapHandle(opened)
        self.path = path
        self.source = cookie
        linkType = handle.linkType
        secondsBelowZero = unsafe pcap_major_version(opened) == 1 ? 0 : 1 << 32
    }

    /// The most bytes that were captured of a packet. The corresponding C function is
    /// `pcap_snapshot`.
    public var snapshotLength: Int { handle.snapshotLength }

    /// The file format's version. The corresponding C functions are `pcap_major_version` and
    /// `pcap_minor_version`.
    public var version: (major: Int, minor: Int) {
        unsafe (Int(pcap_major_version(handle.pointer)), Int(pcap_minor_version(handle.pointer)))
    }

    /// Whether the file's byte order is not this machine's. The corresponding C function is
    /// `pcap_is_swapped`.
    public var isSwapped: Bool { unsafe pcap_is_swapped(handle.pointer) != 0 }

    /// Bytes of the file that libpcap has walked over.
    var bytesRead: Int64 {
        source?.bytesRead ?? (unsafe Int64(ftello(pcap_file(handle.pointer))))
    }
    /// The byte of a packed file at which unpacking stopped.
    var compressedOffset: Int64? { source?.fileError == nil ? nil : source?.compressedOffset }

    /// Skips frames that do not match from now on. The corresponding C functions are `pcap_compile`
    /// and `pcap_setfilter`.
    public mutating func setFilter(_ expression: String) throws(CaptureError) {
        try handle.setFilter(expression)
    }

    /// The next frame, valid until `next` is called again; `nil` at the end of the file. The
    /// corresponding C function is `pcap_next_ex`.
    @_lifetime(&self)
    public mutating func next() throws(CaptureError) -> Frame? {
        let record: RawRecord?
        do { unsafe record = try nextRecord(file: 0, interface: 0, program: nil) } catch {
            throw .file(path, offset: nil, frames: frames, error)
        }
        guard let record = unsafe record else { return nil }
        let frame = unsafe Frame(record)
        return unsafe _overrideLifetime(frame, mutating: &self)
    }

    /// The next record; `nil` at the end of the file.
    mutating func nextRecord(
        file: UInt16, interface: UInt32, program: UnsafePointer<bpf_program>?
    ) throws(FileError) -> RawRecord? {
        let header: pcap_pkthdr
        let bytes: UnsafePointer<UInt8>
        switch unsafe handle.next() {
        case .frame(let found, let start): (header, unsafe bytes) = unsafe (found.pointee, start)
        case .end, .timeout: return nil
        case .failure: throw source?.fileError ?? .libpcap(handle.errorText)
        }
        frames &+= 1
        var seconds = Int64(header.ts.tv_sec)
        if seconds < 0 { seconds &+= secondsBelowZero }
        return unsafe RawRecord(
            bytes: bytes, capturedLength: Int(header.caplen), wireLength: Int(header.len),
            timestamp: Timestamp(seconds: seconds, nanoseconds: Int64(header.ts.tv_usec)),
            linkType: linkType, interface: interface, file: file,
            number: frames, program: program)
    }
}
