internal import CPcap
internal import Wire

/// A filter expression, compiled once for every link type that turns up.
@safe
final class Filter {
    let expression: String
    /// libpcap's text for the first link type that has no program.
    private(set) var refused: String?
    private var programs: [LinkType: Program] = [:]

    init(_ expression: String) { self.expression = expression }

    /// Whether there is a program for any link type.
    var isCompiled: Bool { !programs.isEmpty }

    /// The program for a link type, compiled where needed; `nil` if libpcap refuses, see `refused`.
    /// It lives as long as the filter. The corresponding C function is `pcap_compile`.
    func program(for linkType: LinkType) -> UnsafePointer<bpf_program>? {
        if let program = programs[linkType] { return unsafe UnsafePointer(program.pointer) }
        let handle = unsafe pcap_open_dead(linkType.dataLink, 262_144)
        defer { unsafe pcap_close(handle) }
        let program = Program()
        // The netmask matters to `ip broadcast` only, and no file tells it.
        let unknownMask = bpf_u_int32(PCAP_NETMASK_UNKNOWN)
        guard unsafe pcap_compile(handle, program.pointer, expression, 1, unknownMask) == 0 else {
            if refused == nil { refused = unsafe String(cString: pcap_geterr(handle)) }
            return nil
        }
        programs[linkType] = program
        return unsafe UnsafePointer(program.pointer)
    }
}

/// A compiled filter in a place of its own, freed with it.
@safe
private final class Program {
    let pointer: UnsafeMutablePointer<bpf_program>

    init() {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: bpf_program())
    }

    deinit {
        unsafe pcap_freecode(pointer)
        unsafe pointer.deallocate()
    }
}

extension RawRecord {
    /// Whether the record matches the filter; it does not if its link type has no program. The
    /// corresponding C function is `pcap_offline_filter`.
    var isWanted: Bool {
        guard let program = unsafe program else { return false }
        var header = pcap_pkthdr()
        unsafe header.caplen = UInt32(truncatingIfNeeded: capturedLength)
        unsafe header.len = UInt32(truncatingIfNeeded: wireLength)
        return unsafe pcap_offline_filter(program, &header, bytes) != 0
    }
}
