/// Why a frame gave no TCP segment. The raw value is the stable name that reports print.
///
/// Frames read = segments tracked + frames set aside, by these reasons.
public enum SetAside: String, CaseIterable, Sendable {
    /// A network protocol other than IP: ARP, LLDP, spanning tree, …
    case notIP = "not_ip"
    /// IP that carries neither TCP nor a tunnel that could: UDP, SCTP, …
    case notTCP = "not_tcp"
    /// ICMP or ICMPv6; error messages that quote a TCP segment are used all the same.
    case icmp = "icmp"
    /// A later fragment of an IP packet or 802.11 frame; the first one carries the TCP header.
    case ipFragment = "ip_fragment"
    /// The link type is none that the decoder knows.
    case unknownLinkType = "unknown_link_type"
    /// The capture cut the frame before the end of the link-layer header.
    case linkHeaderCut = "link_header_cut"
    /// The capture cut the frame before the end of an IP header, its extensions or a tunnel's header.
    case ipHeaderCut = "ip_header_cut"
    /// The capture cut the frame within the first fourteen bytes of the TCP header: ports, numbers and flags.
    case tcpHeaderCut = "tcp_header_cut"
    /// A link-layer header contradicts itself, or the receiver found the frame damaged.
    case badLinkHeader = "bad_link_header"
    /// An IP header, or a tunnel's, contradicts itself: version, header length or total length.
    case badIPHeader = "bad_ip_header"
    /// A TCP header contradicts itself: data offset below 5, or beyond the segment.
    case badTCPHeader = "bad_tcp_header"
    /// Encrypted below TCP: ESP, MAC security, or protected 802.11 data.
    case encrypted = "encrypted"
    /// More tunnels, tags or extension headers inside each other than the decoder follows.
    case nestedTooDeep = "nested_too_deep"
}
