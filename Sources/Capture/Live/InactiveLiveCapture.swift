internal import CPcap
internal import POSIX
internal import Wire

/// An interface that is about to be captured on: the time to configure it.
///
///     var inactive = try InactiveLiveCapture(interface: "eth0")
///     inactive.snapshotLength = 256
///     let capture = try inactive.activate()
public struct InactiveLiveCapture: ~Copyable {
    private let handle: PcapHandle
    private let name: String

    /// The most bytes to capture of a packet. The corresponding C function is `pcap_set_snaplen`.
    public var snapshotLength = 262_144
    /// Whether to see packets for other hosts too. The corresponding C function is
    /// `pcap_set_promisc`.
    public var isPromiscuous = true
    /// How long a packet may wait for others, in milliseconds. The corresponding C function is
    /// `pcap_set_timeout`.
    public var timeout = 100
    /// Whether each packet is to be handed out at once. The corresponding C function is
    /// `pcap_set_immediate_mode`.
    public var isImmediate = false
    /// The kernel's buffer in bytes; `nil` for libpcap's choice. The corresponding C function is
    /// `pcap_set_buffer_size`.
    public var bufferSize: Int?

    /// Names the interface, or `any` on Linux. The corresponding C function is `pcap_create`.
    public init(interface name: String) throws(CaptureError) {
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let pointer = unsafe withPath(name, { unsafe pcap_create($0, &text) }) else {
            throw .interface(name, .other(String(terminated: text)))
        }
        handle = unsafe PcapHandle(pointer)
        self.name = name
    }

    /// Begins to capture, with times in nanoseconds where the interface has them. The corresponding
    /// C function is `pcap_activate`.
    public consuming func activate() throws(CaptureError) -> LiveCapture {
        let pointer = unsafe handle.pointer
        unsafe pcap_set_snaplen(pointer, Int32(clamping: snapshotLength))
        unsafe pcap_set_promisc(pointer, isPromiscuous ? 1 : 0)
        unsafe pcap_set_timeout(pointer, Int32(clamping: timeout))
        unsafe pcap_set_immediate_mode(pointer, isImmediate ? 1 : 0)
        if let bufferSize { unsafe pcap_set_buffer_size(pointer, Int32(clamping: bufferSize)) }
        unsafe pcap_set_tstamp_precision(pointer, PCAP_TSTAMP_PRECISION_NANO)
        let status = unsafe pcap_activate(pointer)
        if status >= 0 {
            // On `any` each packet can say which interface it was on. The corresponding C function is
            // `pcap_set_datalink`.
            if handle.linkType == .linuxSLL {
                _ = unsafe pcap_set_datalink(pointer, LinkType.linuxSLL2.dataLink)
            }
            return LiveCapture(handle, interface: name)
        }
        throw .interface(name, interfaceError(status))
    }

    private func interfaceError(_ status: Int32) -> InterfaceError {
        let detail = handle.errorText
        let text = unsafe detail.isEmpty ? String(cString: pcap_statustostr(status)) : detail
        return switch status {
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: .permission(text)
        case PCAP_ERROR_NO_SUCH_DEVICE: .missing(text)
        case PCAP_ERROR_IFACE_NOT_UP: .down(text)
        default: .other(text)
        }
    }
}
