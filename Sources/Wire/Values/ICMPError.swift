/// An ICMP or ICMPv6 error message that quotes a TCP segment. RFC 792, RFC 4443.
public struct ICMPError: Equatable, Sendable {
    /// ICMP or ICMPv6.
    public var family: IPFamily
    /// The message's type.
    public var type: UInt8
    /// The message's code.
    public var code: UInt8
    /// Who sent it: a router, a firewall or the far host.
    public var reporter: Address
    /// The largest packet in bytes that the next link takes; `nil` unless the message is "fragmentation
    /// needed" or "packet too big" and names one. RFC 1191, section 4; RFC 4443, section 3.2.
    public var nextHopMTU: UInt32?

    /// Puts a message together.
    public init(
        family: IPFamily, type: UInt8, code: UInt8, reporter: Address, nextHopMTU: UInt32? = nil
    ) {
        self.family = family
        self.type = type
        self.code = code
        self.reporter = reporter
        self.nextHopMTU = nextHopMTU
    }

    /// Whether Linux gives up a connection in SYN-SENT on this message: measured on Linux 6.18, where
    /// `connect` then fails. In later states Linux only remembers it.
    ///
    /// That is more than the hard errors of RFC 1122, section 4.2.3.9: every kind of "unreachable" and
    /// "parameter problem", and "time exceeded" in transit. Not so packet size, which makes it send less at
    /// a time, and time exceeded in reassembly, which it ignores in IPv4.
    public var isHardForSynSent: Bool {
        switch (family, type) {
        case (.ipv4, 3): code != 4 && code <= 15
        case (.ipv4, 11): code == 0
        case (.ipv4, 12): true
        case (.ipv6, 1), (.ipv6, 3), (.ipv6, 4): true
        default: false
        }
    }
}
