/// What follows an IP header, numbered as in IANA's "Protocol Numbers"; IPv6 extension headers included.
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
    /// The registry's number.
    public let rawValue: UInt8

    /// Wraps a number of the registry.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// IPv6 hop-by-hop options. RFC 8200, section 4.3.
    @inlinable public static var hopByHop: IPProtocol { IPProtocol(rawValue: 0) }
    /// ICMP. RFC 792.
    @inlinable public static var icmp: IPProtocol { IPProtocol(rawValue: 1) }
    /// IPv4 in IP. RFC 2003.
    @inlinable public static var ipv4: IPProtocol { IPProtocol(rawValue: 4) }
    /// TCP. RFC 9293.
    @inlinable public static var tcp: IPProtocol { IPProtocol(rawValue: 6) }
    /// UDP. RFC 768.
    @inlinable public static var udp: IPProtocol { IPProtocol(rawValue: 17) }
    /// IPv6 in IP. RFC 2473, RFC 4213.
    @inlinable public static var ipv6: IPProtocol { IPProtocol(rawValue: 41) }
    /// IPv6 routing header. RFC 8200, section 4.4.
    @inlinable public static var routing: IPProtocol { IPProtocol(rawValue: 43) }
    /// IPv6 fragment header. RFC 8200, section 4.5.
    @inlinable public static var fragment: IPProtocol { IPProtocol(rawValue: 44) }
    /// Generic routing encapsulation. RFC 2784.
    @inlinable public static var gre: IPProtocol { IPProtocol(rawValue: 47) }
    /// Encapsulating security payload. RFC 4303.
    @inlinable public static var esp: IPProtocol { IPProtocol(rawValue: 50) }
    /// Authentication header. RFC 4302.
    @inlinable public static var authentication: IPProtocol { IPProtocol(rawValue: 51) }
    /// ICMPv6. RFC 4443.
    @inlinable public static var icmpv6: IPProtocol { IPProtocol(rawValue: 58) }
    /// IPv6 destination options. RFC 8200, section 4.6.
    @inlinable public static var destinationOptions: IPProtocol { IPProtocol(rawValue: 60) }
    /// Ethernet in IP. RFC 3378.
    @inlinable public static var ethernet: IPProtocol { IPProtocol(rawValue: 97) }
    /// MPLS in IP. RFC 4023.
    @inlinable public static var mpls: IPProtocol { IPProtocol(rawValue: 137) }
    /// IPv6 mobility header. RFC 6275.
    @inlinable public static var mobility: IPProtocol { IPProtocol(rawValue: 135) }
}
