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

    /// Whether it says that the destination cannot be reached, for whatever reason but packet size.
    ///
    /// Linux gives up a connection in SYN-SENT on it (`tcp_v4_err`, `tcp_v6_err`), also where RFC 1122,
    /// section 4.2.3.9, calls it a soft error; in later states it only remembers it.
    public var isHardForSynSent: Bool {
        switch family {
        case .ipv4: type == 3 && code != 4 && code <= 15
        case .ipv6: type == 1 && code <= 6
        }
    }
}
