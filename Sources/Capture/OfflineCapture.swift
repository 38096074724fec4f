internal import CPcap
public import Wire

/// A capture file, opened and read by libpcap. Times are in nanoseconds, whatever the file has.
///
/// ``CaptureReader`` is the usual way to read; this is the reference it is tested against.
@safe
public struct OfflineCapture: ~Copyable {
    private let handle: OpaquePointer
    private let path: String
    /// Frames handed out so far.
    public private(set) var frames: UInt64 = 0

    /// Opens a file; `-` is standard input. The corresponding C function is
    /// `pcap_fopen_offline_with_tstamp_precision`.
    public init(path: String) throws(CaptureError) {
        do {
            try self.init(ByteSource(path: path), path: path)
        } catch {
            throw .file(path, offset: nil, error)
        }
    }

    /// Opens what a source is open on; the source is closed, and nothing may have been read of it.
    init(_ source: consuming ByteSource, path: String) throws(FileTrouble) {
        let stream: StandardStream
        do { unsafe stream = try source.stream() } catch {
            throw .cannotOpen(errorNumber: error.code)
        }
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        let opened = unsafe pcap_fopen_offline_with_tstamp_precision(
            stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &text)
        guard let opened = unsafe opened else {
            unsafe fclose(stream)
            throw .libpcap(
                String(
                    decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        unsafe handle = opened
        self.path = path
    }

    deinit { unsafe pcap_close(handle) }

    /// The link type of all frames. The corresponding C function is `pcap_datalink`.
    public var linkType: LinkType { LinkType(dataLink: unsafe pcap_datalink(handle)) }

    /// The most bytes that were captured of a packet. The corresponding C function is
    /// `pcap_snapshot`.
    public var snapshotLength: Int { unsafe Int(pcap_snapshot(handle)) }

    /// The file format's version. The corresponding C functions are `pcap_major_version` and
    /// `pcap_minor_version`.
    public var version: (major: Int, minor: Int) {
        unsafe (Int(pcap_major_version(handle)), Int(pcap_minor_version(handle)))
    }

    /// Whether the file's byte order is not this machine's. The corresponding C function is
    /// `pcap_is_swapped`.
    public var isSwapped: Bool { unsafe pcap_is_swapped(handle) != 0 }

    /// Bytes of the file that libpcap has walked over.
    var bytesRead: Int64 { unsafe Int64(ftello(pcap_file(handle))) }

    /// Skips frames that do not match from now on. The corresponding C functions are `pcap_compile`
    /// and `pcap_setfilter`.
    public mutating func setFilter(_ expression: String) throws(CaptureError) {
        var program = unsafe bpf_program()
        defer { unsafe pcap_freecode(&program) }
        let unknownMask = bpf_u_int32(PCAP_NETMASK_UNKNOWN)
        guard unsafe pcap_compile(handle, &program, expression, 1, unknownMask) == 0,
            unsafe pcap_setfilter(handle, &program) == 0
        else { throw .filter(expression, unsafe String(cString: pcap_geterr(handle))) }
    }

    /// The next frame, valid until `next` is called again; `nil` at the end of the file. The
    /// corresponding C function is `pcap_next_ex`.
    @_lifetime(&self)
    public mutating func next() throws(CaptureError) -> Frame? {
        let record: Record?
        do { unsafe record = try nextRecord(file: 0, program: Filter.nothing) } catch {
            throw .file(path, offset: nil, error)
        }
        guard let record = unsafe record else { return nil }
        let frame = unsafe Frame(record)
        return unsafe _overrideLifetime(frame, mutating: &self)
    }

    /// The next record; `nil` at the end of the file.
    mutating func nextRecord(file: UInt16, program: Int) throws(FileTrouble) -> Record? {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        let outcome = unsafe pcap_next_ex(handle, &header, &bytes)
        guard outcome == 1, let header = unsafe header?.pointee, let bytes = unsafe bytes else {
            if outcome == PCAP_ERROR_BREAK { return nil }
            throw .libpcap(unsafe String(cString: pcap_geterr(handle)))
        }
        frames &+= 1
        return unsafe Record(
            bytes: bytes, capturedLength: Int(header.caplen), wireLength: Int(header.len),
            timestamp: timestamp(header.ts), linkType: linkType, interface: 0, file: file,
            number: frames, program: program)
    }

    /// libpcap 1.10 reads the fields of classic pcap as signed where the file's byte order is this
    /// machine's. The format has them unsigned.
    private func timestamp(_ time: timeval) -> Timestamp {
        var seconds = Int64(time.tv_sec)
        if seconds < 0 && version.major != 1 { seconds &+= 1 << 32 }
        return Timestamp(seconds: seconds, nanoseconds: Int64(time.tv_usec))
    }
}
