/// The kind of header that a view reads.
public enum HeaderKind: Sendable {
    /// Link layers and what is between them and IP.
    case ethernet, vlanTag, llc, linuxSLL, linuxSLL2, loopback, ppp, pppoe, ciscoHDLC, mpls, arcnet,
        juniper
    /// Wireless links.
    case ieee80211, radiotap
    /// Headers that a capturing host puts before the packet, and rare encapsulations.
    case netfilterLog, packetFilterLog, pktap, frameRelay, backbone, networkService, macSecurity
    /// Network layer and tunnels in it.
    case ipv4, ipv6, ipv6Extension, authentication, udp, icmp, gre, erspan, vxlan, geneve, gtp
    /// Transport layer.
    case tcp

    /// The layer, which decides how a frame that ends or fails here is counted.
    var layer: Layer {
        switch self {
        case .ipv4, .ipv6, .ipv6Extension, .authentication, .udp, .icmp, .gre, .erspan, .vxlan,
            .geneve, .gtp:
            .network
        case .tcp: .transport
        default: .link
        }
    }

    enum Layer {
        case link, network, transport
    }
}
