import CPcap

/// A capture file that libpcap reads. The corresponding C functions are `pcap_open_offline` and
/// `pcap_dispatch`, which reads a file to its end, as `pcap_loop` does, and says how much it read.
@safe
struct PcapLoop: ~Copyable {
    private let path: String
    private let handle: OpaquePointer

    init(_ path: String) throws(BenchmarkError) {
        self.path = path
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = unsafe pcap_open_offline(path, &text) else {
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .libpcap(path, String(decoding: bytes, as: UTF8.self))
        }
        unsafe self.handle = handle
    }

    deinit { unsafe pcap_close(handle) }

    /// Reads all frames and looks at none.
    func countFrames() throws(BenchmarkError) -> Walked {
        let frames = unsafe pcap_dispatch(handle, -1, { _, _, _ in }, nil)
        guard frames >= 0 else { throw error }
        return Walked(frames: Int(frames))
    }

    /// Reads all frames into a table of flows.
    func countFlows() throws(BenchmarkError) -> Walked {
        var table = FlowEntries()
        let frames = unsafe withUnsafeMutablePointer(to: &table) { table in
            unsafe pcap_dispatch(
                handle, -1,
                { user, header, bytes in
                    let table = unsafe UnsafeMutableRawPointer(user!).assumingMemoryBound(
                        to: FlowEntries.self)
                    unsafe table.pointee.count(
                        bytes!, Int(header!.pointee.caplen),
                        second: UInt32(truncatingIfNeeded: header!.pointee.ts.tv_sec))
                }, UnsafeMutableRawPointer(table).assumingMemoryBound(to: UInt8.self))
        }
        guard frames >= 0 else { throw error }
        return Walked(frames: Int(frames), segments: table.segments, flows: table.count)
    }

    private var error: BenchmarkError {
        .libpcap(path, unsafe String(cString: pcap_geterr(handle)))
    }
}
