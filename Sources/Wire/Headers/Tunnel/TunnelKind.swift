/// The kinds of tunnel whose outer endpoints keep inner flows apart, as words for ``Scope``.
enum TunnelKind: UInt32 {
    case ip = 0x1000_0001
    case gre, vxlan, geneve, gtp, ethernetInIP, mpls, pppoe, backbone
}
