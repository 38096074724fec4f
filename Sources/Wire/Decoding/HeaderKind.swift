/// The kind of header that a view reads.
public enum HeaderKind: Sendable {
    /// Link layers.
    case ethernet, vlanTag, llc, linuxSLL, linuxSLL2, loopback
    /// Network layer.
    case ipv4, ipv6, ipv6Extension, authentication
    /// Transport layer.
    case tcp, udp, icmp

    /// The layer, which decides how a frame that ends or fails here is counted.
    var layer: Layer {
        switch self {
        case .ethernet, .vlanTag, .llc, .linuxSLL, .linuxSLL2, .loopback: .link
        case .ipv4, .ipv6, .ipv6Extension, .authentication, .udp, .icmp: .network
        case .tcp: .transport
        }
    }

    enum Layer {
        case link, network, transport
    }
}
