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

    /// Whether a four-byte VLAN tag follows: 802.1Q, 802.1ad or one of the numbers used before it.
    @inlinable
    public var isVLANTag: Bool {
        switch rawValue {
        case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300: true
        default: false
        }
    }
}
