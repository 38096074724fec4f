internal import CPcap
internal import Wire

/// A filter expression, compiled once for every link type that turns up.
@safe
final class Filter {
    /// Why the expression does not compile. The text is libpcap's.
    struct Refused: Error {
        let text: String
    }

    /// The index that stands for no program: no frame matches.
    static let nothing = -1

    let expression: String
    /// libpcap's text for the first link type that has no program.
    private(set) var refused: String?
    private var linkTypes: [LinkType] = []
    private var programs = unsafe [UnsafeMutablePointer<bpf_program>]()

    init(_ expression: String) { self.expression = expression }

    deinit {
        for index in linkTypes.indices {
            unsafe pcap_freecode(programs[index])
            unsafe programs[index].deallocate()
        }
    }

    /// Whether there is a program for any link type.
    var isCompiled: Bool { !linkTypes.isEmpty }

    /// The index of the program for a link type, compiled where needed. The corresponding C
    /// function is `pcap_compile`.
    func program(for linkType: LinkType) throws(Refused) -> Int {
        if let index = linkTypes.firstIndex(of: linkType) { return index }
        let handle = unsafe pcap_open_dead(linkType.dataLink, 262_144)
        defer { unsafe pcap_close(handle) }
        let program = UnsafeMutablePointer<bpf_program>.allocate(capacity: 1)
        unsafe program.initialize(to: bpf_program())
        // The netmask matters to `ip broadcast` only, and no file tells it.
        let unknownMask = bpf_u_int32(PCAP_NETMASK_UNKNOWN)
        guard unsafe pcap_compile(handle, program, expression, 1, unknownMask) == 0 else {
            let text = unsafe String(cString: pcap_geterr(handle))
            unsafe program.deallocate()
            refused = refused ?? text
            throw Refused(text: text)
        }
        linkTypes.append(linkType)
        unsafe programs.append(program)
        return linkTypes.count - 1
    }

    /// Whether a frame matches. The corresponding C function is `pcap_offline_filter`.
    func matches(_ record: Record) -> Bool {
        guard unsafe record.program >= 0 else { return false }
        var header = pcap_pkthdr()
        unsafe header.caplen = UInt32(truncatingIfNeeded: record.capturedLength)
        unsafe header.len = UInt32(truncatingIfNeeded: record.wireLength)
        return unsafe pcap_offline_filter(programs[record.program], &header, record.bytes) != 0
    }
}
