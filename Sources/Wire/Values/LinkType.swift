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
    @inlinable public static var null: LinkType { LinkType(rawValue: 0) }
    /// LINKTYPE_ETHERNET.
    @inlinable public static var ethernet: LinkType { LinkType(rawValue: 1) }
    /// LINKTYPE_ARCNET_BSD.
    @inlinable public static var arcnet: LinkType { LinkType(rawValue: 7) }
    /// LINKTYPE_PPP: with or without HDLC framing.
    @inlinable public static var ppp: LinkType { LinkType(rawValue: 9) }
    /// LINKTYPE_FDDI.
    @inlinable public static var fddi: LinkType { LinkType(rawValue: 10) }
    /// LINKTYPE_RAW as most systems but OpenBSD number DLT_RAW: files by libpcap never have it.
    @inlinable public static var rawBSD: LinkType { LinkType(rawValue: 12) }
    /// LINKTYPE_RAW as OpenBSD numbers DLT_RAW: files by libpcap never have it.
    @inlinable public static var rawOpenBSD: LinkType { LinkType(rawValue: 14) }
    /// LINKTYPE_PPP_HDLC.
    @inlinable public static var pppHDLC: LinkType { LinkType(rawValue: 50) }
    /// LINKTYPE_PPP_ETHER: PPPoE session.
    @inlinable public static var pppEthernet: LinkType { LinkType(rawValue: 51) }
    /// LINKTYPE_RAW: an IPv4 or IPv6 packet, told apart by its version.
    @inlinable public static var raw: LinkType { LinkType(rawValue: 101) }
    /// LINKTYPE_C_HDLC: Cisco HDLC.
    @inlinable public static var ciscoHDLC: LinkType { LinkType(rawValue: 104) }
    /// LINKTYPE_IEEE802_11.
    @inlinable public static var ieee80211: LinkType { LinkType(rawValue: 105) }
    /// LINKTYPE_FRELAY: frame relay.
    @inlinable public static var frameRelay: LinkType { LinkType(rawValue: 107) }
    /// LINKTYPE_LOOP: OpenBSD loopback, address family big-endian.
    @inlinable public static var loop: LinkType { LinkType(rawValue: 108) }
    /// LINKTYPE_LINUX_SLL: "cooked" capture, version 1.
    @inlinable public static var linuxSLL: LinkType { LinkType(rawValue: 113) }
    /// LINKTYPE_PFLOG: the log of the BSD packet filter.
    @inlinable public static var packetFilterLog: LinkType { LinkType(rawValue: 117) }
    /// LINKTYPE_IEEE802_11_RADIOTAP.
    @inlinable public static var radiotap: LinkType { LinkType(rawValue: 127) }
    /// LINKTYPE_ARCNET_LINUX: with an offset between addresses and protocol.
    @inlinable public static var arcnetLinux: LinkType { LinkType(rawValue: 129) }
    /// LINKTYPE_JUNIPER_ETHER: Ethernet after Junos' header.
    @inlinable public static var juniperEthernet: LinkType { LinkType(rawValue: 178) }
    /// LINKTYPE_PPP_WITH_DIR: PPP after a byte that tells the direction.
    @inlinable public static var pppWithDirection: LinkType { LinkType(rawValue: 204) }
    /// LINKTYPE_MPLS: an MPLS label stack.
    @inlinable public static var mpls: LinkType { LinkType(rawValue: 219) }
    /// LINKTYPE_IPV4.
    @inlinable public static var ipv4: LinkType { LinkType(rawValue: 228) }
    /// LINKTYPE_IPV6.
    @inlinable public static var ipv6: LinkType { LinkType(rawValue: 229) }
    /// LINKTYPE_NFLOG: the log of Linux netfilter.
    @inlinable public static var netfilterLog: LinkType { LinkType(rawValue: 239) }
    /// LINKTYPE_IPOIB: IP over InfiniBand.
    @inlinable public static var infiniband: LinkType { LinkType(rawValue: 242) }
    /// LINKTYPE_PKTAP: macOS, any other link type after a header that names it.
    @inlinable public static var pktap: LinkType { LinkType(rawValue: 258) }
    /// LINKTYPE_LINUX_SLL2: "cooked" capture, version 2.
    @inlinable public static var linuxSLL2: LinkType { LinkType(rawValue: 276) }
}
