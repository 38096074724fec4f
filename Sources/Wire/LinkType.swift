/// A link-layer header type, numbered as in the tcpdump.org registry of LINKTYPE_ values.
///
/// The corresponding C macros are `DLT_*`; where the two differ (raw IP) libpcap translates.
public struct LinkType: RawRepresentable, Hashable, Sendable {
    /// The registry's number.
    public let rawValue: UInt32

    /// Wraps a number of the registry.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// LINKTYPE_NULL: BSD loopback, address family in the byte order of the capturing host.
    public static let null = LinkType(rawValue: 0)
    /// LINKTYPE_ETHERNET.
    public static let ethernet = LinkType(rawValue: 1)
    /// LINKTYPE_PPP: with or without HDLC framing.
    public static let ppp = LinkType(rawValue: 9)
    /// LINKTYPE_PPP_HDLC.
    public static let pppHDLC = LinkType(rawValue: 50)
    /// LINKTYPE_PPP_ETHER: PPPoE session.
    public static let pppEthernet = LinkType(rawValue: 51)
    /// LINKTYPE_RAW as most systems but OpenBSD number DLT_RAW: files by libpcap never have it.
    public static let rawBSD = LinkType(rawValue: 12)
    /// LINKTYPE_RAW as OpenBSD numbers DLT_RAW: files by libpcap never have it.
    public static let rawOpenBSD = LinkType(rawValue: 14)
    /// LINKTYPE_RAW: an IPv4 or IPv6 packet, told apart by its version.
    public static let raw = LinkType(rawValue: 101)
    /// LINKTYPE_C_HDLC: Cisco HDLC.
    public static let ciscoHDLC = LinkType(rawValue: 104)
    /// LINKTYPE_IEEE802_11.
    public static let ieee80211 = LinkType(rawValue: 105)
    /// LINKTYPE_LOOP: OpenBSD loopback, address family big-endian.
    public static let loop = LinkType(rawValue: 108)
    /// LINKTYPE_LINUX_SLL: "cooked" capture, version 1.
    public static let linuxSLL = LinkType(rawValue: 113)
    /// LINKTYPE_IEEE802_11_RADIOTAP.
    public static let radiotap = LinkType(rawValue: 127)
    /// LINKTYPE_IPV4.
    public static let ipv4 = LinkType(rawValue: 228)
    /// LINKTYPE_IPV6.
    public static let ipv6 = LinkType(rawValue: 229)
    /// LINKTYPE_LINUX_SLL2: "cooked" capture, version 2.
    public static let linuxSLL2 = LinkType(rawValue: 276)
}
