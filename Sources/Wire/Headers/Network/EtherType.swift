/// The type field of Ethernet and of everything that borrowed it, numbered as in IANA's "IEEE 802 Numbers".
public struct EtherType: RawRepresentable, Hashable, Sendable {
    /// The registry's number.
    public let rawValue: UInt16

    /// Wraps a number of the registry.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IPv4. RFC 894.
    @inlinable public static var ipv4: EtherType { EtherType(rawValue: 0x0800) }
    /// IPv6. RFC 2464, section 3.
    @inlinable public static var ipv6: EtherType { EtherType(rawValue: 0x86dd) }
    /// IEEE 802.1Q customer VLAN tag.
    @inlinable public static var vlan: EtherType { EtherType(rawValue: 0x8100) }
    /// IEEE 802.1ad service VLAN tag.
    @inlinable public static var serviceVLAN: EtherType { EtherType(rawValue: 0x88a8) }

    /// LLC, in "cooked" captures only (ETH_P_802_2).
    @inlinable public static var linuxLLC: EtherType { EtherType(rawValue: 0x0004) }
    /// ARP. RFC 826.
    @inlinable public static var arp: EtherType { EtherType(rawValue: 0x0806) }
    /// An Ethernet frame in GRE, Geneve or NSH. RFC 1701.
    @inlinable public static var transparentBridging: EtherType { EtherType(rawValue: 0x6558) }
    /// PPP, in GRE. RFC 2637.
    @inlinable public static var ppp: EtherType { EtherType(rawValue: 0x880b) }
    /// MPLS label stack. RFC 5332.
    @inlinable public static var mpls: EtherType { EtherType(rawValue: 0x8847) }
    /// MPLS label stack with an upstream-assigned label. RFC 5332.
    @inlinable public static var mplsMulticast: EtherType { EtherType(rawValue: 0x8848) }
    /// PPPoE session. RFC 2516.
    @inlinable public static var pppoeSession: EtherType { EtherType(rawValue: 0x8864) }
    /// Web cache communication, in GRE.
    @inlinable public static var cacheProtocol: EtherType { EtherType(rawValue: 0x883e) }
    /// ERSPAN types 1 and 2, in GRE.
    @inlinable public static var erspan: EtherType { EtherType(rawValue: 0x88be) }
    /// ERSPAN type 3, in GRE.
    @inlinable public static var erspanType3: EtherType { EtherType(rawValue: 0x22eb) }
    /// IEEE 802.1AE MAC security.
    @inlinable public static var macSecurity: EtherType { EtherType(rawValue: 0x88e5) }
    /// IEEE 802.1ah service instance tag.
    @inlinable public static var backboneService: EtherType { EtherType(rawValue: 0x88e7) }
    /// Cisco VN-Tag.
    @inlinable public static var virtualInterface: EtherType { EtherType(rawValue: 0x8926) }
    /// Network service header. RFC 8300.
    @inlinable public static var networkService: EtherType { EtherType(rawValue: 0x894f) }

    /// Whether a four-byte VLAN tag follows: 802.1Q, 802.1ad or one of the numbers used before it.
    @inlinable
    public var isVLANTag: Bool {
        switch rawValue {
        case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300: true
        default: false
        }
    }
}
