/// The kinds of tunnel whose outer endpoints keep inner flows apart.
enum TunnelKind: UInt32 {
    case ip = 0x1000_0001
    case gre, vxlan, geneve, gtp
}
