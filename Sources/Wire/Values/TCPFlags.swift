/// The control bits of a TCP header. RFC 9293, section 3.1; AE is RFC 9768's use of the bit once called NS.
public struct TCPFlags: OptionSet, Hashable, Sendable {
    /// Bits 0 to 8: FIN is bit 0, AE is bit 8.
    public let rawValue: UInt16

    /// Wraps the nine low bits of header bytes 12 and 13.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No more data from the sender.
    @inlinable public static var fin: TCPFlags { TCPFlags(rawValue: 0x001) }
    /// Synchronise sequence numbers.
    @inlinable public static var syn: TCPFlags { TCPFlags(rawValue: 0x002) }
    /// Reset the connection.
    @inlinable public static var rst: TCPFlags { TCPFlags(rawValue: 0x004) }
    /// Push function.
    @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x008) }
    /// The acknowledgment number is significant.
    @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x010) }
    /// The urgent pointer is significant.
    @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x020) }
    /// ECN echo. RFC 3168.
    @inlinable public static var ece: TCPFlags { TCPFlags(rawValue: 0x040) }
    /// Congestion window reduced. RFC 3168.
    @inlinable public static var cwr: TCPFlags { TCPFlags(rawValue: 0x080) }
    /// Accurate ECN. RFC 9768.
    @inlinable public static var ae: TCPFlags { TCPFlags(rawValue: 0x100) }
}

extension TCPFlags: CustomStringConvertible {
    /// The set bits in the order SYN, FIN, RST, PSH, ACK, URG, ECE, CWR, AE, joined by commas.
    public var description: String {
        let names: [(TCPFlags, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"),
            (.urg, "URG"), (.ece, "ECE"), (.cwr, "CWR"), (.ae, "AE"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}
