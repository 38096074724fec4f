internal import CPcap
internal import POSIX
public import Wire

/// An interface of this host that packets can be captured on.
public struct NetworkInterface: Hashable, Sendable {
    /// What is known of an interface's state. The corresponding C macros are `PCAP_IF_*`.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// libpcap's bits.
        public let rawValue: UInt32

        /// Wraps libpcap's bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A loopback interface.
        public static let loopback = Flags(rawValue: 1)
        /// The interface is up.
        public static let up = Flags(rawValue: 2)
        /// The interface is running: it has a carrier.
        public static let running = Flags(rawValue: 4)
        /// A wireless interface.
        public static let wireless = Flags(rawValue: 8)
    }

    /// Its name, such as `eth0`.
    public let name: String
    /// What libpcap says of it; `nil` if it says nothing.
    public let description: String?
    /// Its IPv4 and IPv6 addresses.
    public let addresses: [Address]
    /// Its state.
    public let flags: Flags

    /// The interfaces that this process may capture on, in libpcap's order: the likeliest first. The
    /// corresponding C function is `pcap_findalldevs`.
    ///
    /// - Throws: ``CaptureError/interface(_:_:)``. Without the right to capture, the list is empty.
    public static func all() throws(CaptureError) -> [NetworkInterface] {
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        var first: UnsafeMutablePointer<pcap_if_t>?
        guard unsafe pcap_findalldevs(&first, &text) == 0 else {
            throw .interface("", .other(String(terminated: text)))
        }
        defer { unsafe pcap_freealldevs(first) }
        var list: [NetworkInterface] = []
        var next = unsafe first
        while let entry = unsafe next?.pointee {
            unsafe list.append(NetworkInterface(entry))
            unsafe next = entry.next
        }
        return list
    }

    private init(_ entry: pcap_if_t) {
        name = unsafe PathText.text(cString: entry.name)
        description = unsafe entry.description.map { unsafe String(cString: $0) }
        flags = Flags(rawValue: unsafe entry.flags)
        var addresses: [Address] = []
        var next = unsafe entry.addresses
        while let entry = unsafe next?.pointee {
            if let address = unsafe Address(entry.addr) { addresses.append(address) }
            unsafe next = entry.next
        }
        self.addresses = addresses
    }
}

extension Address {
    /// The address in a socket address; `nil` if it is neither IPv4 nor IPv6.
    fileprivate init?(_ pointer: UnsafePointer<sockaddr>?) {
        guard let pointer = unsafe pointer else { return nil }
        let bytes = unsafe UnsafeRawPointer(pointer)
        switch unsafe Int32(pointer.pointee.sa_family) {
        case AF_INET:
            // struct sockaddr_in: the address follows family and port.
            let address = unsafe bytes.load(fromByteOffset: 4, as: UInt32.self)
            self.init(ipv4: UInt32(bigEndian: address))
        case AF_INET6:
            // struct sockaddr_in6: the address follows family, port and flow information.
            let high = unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let low = unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
        default: return nil
        }
    }
}
