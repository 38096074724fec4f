internal import CPcap
internal import Wire

/// libpcap's `pcap_t`, closed with its owner. Offline and live captures are built on it.
@safe
struct PcapHandle: ~Copyable {
    let pointer: OpaquePointer

    /// Takes over an open handle.
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe pcap_close(pointer) }

    /// The text of the last error. The corresponding C function is `pcap_geterr`.
    var errorText: String { unsafe String(cString: pcap_geterr(pointer)) }

    /// The corresponding C function is `pcap_datalink`.
    var linkType: LinkType { LinkType(dataLink: unsafe pcap_datalink(pointer)) }

    /// The corresponding C function is `pcap_snapshot`.
    var snapshotLength: Int { unsafe Int(pcap_snapshot(pointer)) }

    /// The corresponding C functions are `pcap_compile` and `pcap_setfilter`.
    func setFilter(_ expression: String) throws(CaptureError) {
        var program = unsafe bpf_program()
        defer { unsafe pcap_freecode(&program) }
        let unknownMask = bpf_u_int32(PCAP_NETMASK_UNKNOWN)
        guard unsafe pcap_compile(pointer, &program, expression, 1, unknownMask) == 0,
            unsafe pcap_setfilter(pointer, &program) == 0
        else { throw .filter(expression, errorText) }
    }

    /// What `pcap_next_ex` came back with.
    @unsafe
    enum Outcome {
        case frame(UnsafeMutablePointer<pcap_pkthdr>, UnsafePointer<UInt8>)
        /// Live: nothing arrived in time.
        case timeout
        /// The end of a file, or a loop that was told to stop.
        case end
        case failure
    }

    /// Asks for the next frame, which is valid until the next call. The corresponding C function is
    /// `pcap_next_ex`.
    func next() -> Outcome {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        switch unsafe pcap_next_ex(pointer, &header, &bytes) {
        case 1:
            guard let header = unsafe header, let bytes = unsafe bytes else {
                return unsafe .failure
            }
            return unsafe .frame(header, bytes)
        case 0: return unsafe .timeout
        case PCAP_ERROR_BREAK: return unsafe .end
        default: return unsafe .failure
        }
    }
}
